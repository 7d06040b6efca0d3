import { type DeadmanStatus, parseDeadman } from '../../core/deadman.ts';
import { sh } from '../../core/command.ts';
import { DroverError, UsageError } from '../../core/error.ts';
import { type Json, isJsonObject } from '../../core/json.ts';
import type { Node } from '../../core/node.ts';
import { type NodeRun, fold } from '../../core/reduce.ts';
import type { RunSpec } from '../../core/event.ts';
import { clusterNode, nodeHealth } from '../../facts/cluster-node.ts';
import { look } from '../../engine/look.ts';
import { planOfStream } from '../../queue/plans.ts';
import { worldOf } from '../../queue/station.ts';
import { readSpec } from '../../queue/run-state.ts';
import type { Cli } from '../context.ts';
import { copiesAt } from '../copies-gone.ts';
import { type Drover, openDrover } from '../drover.ts';
import { exitCodes } from '../exit-code.ts';
import { findFleet, loadFleet } from '../fleet.ts';
import type { FleetFlags, JsonFlag } from '../flags.ts';
import { selectNodes } from '../select.ts';
import { standing } from '../summary.ts';
import { todoOf } from '../../words/todo.ts';
import { byTheClock, wayOutLines } from '../../words/way-out.ts';
import { type StepBack, backLines, wayBack, wayByHand } from '../way-back.ts';
import { printable } from '../../words/text.ts';

/** The flags of `drover where`. */
export type WhereFlags = FleetFlags & JsonFlag;

const RECENT = 50;
const LOOK_MS = 20_000;

type Position = { readonly runId: string; readonly spec: RunSpec; readonly run: NodeRun };

/** The latest run that began with a node. */
const latestRun = async (drover: Drover, node: string): Promise<Position | undefined> => {
  const { journal } = drover.station;
  for (const runId of (await journal.runs()).slice(0, RECENT)) {
    const spec = await readSpec(journal, runId);
    if (!spec?.nodes.some(({ name }) => name === node)) continue;
    const run = fold(await journal.read(runId, node));
    if (run.plan !== undefined) return { runId, spec, run };
  }
  return undefined;
};

const journalLines = ({ runId, run }: Position, node: string): string[] => {
  const at = Object.entries(run.steps).findLast(([, state]) => state.phase !== 'skipped');
  const reading = { now: Date.now() };
  const todo = todoOf(runId, node, run, reading);
  return [
    `run ${runId}: ${standing(run)}${run.plan === 'rollback' ? ', on the way back' : ''}`,
    ...(at ? [`last step ${at[0]}: ${at[1].phase}`] : []),
    ...(run.address === undefined ? [] : [`last answered at ${run.address}`]),
    ...(todo === undefined ? [] : [`→ ${todo}`]),
    ...wayOutLines(runId, node, run, byTheClock(reading), todo),
  ];
};

/** What would be done to take the node back, in order, as commands for hands. */
const byHand = async (drover: Drover, { runId, spec, run }: Position, node: Node): Promise<string[]> => {
  const plan = planOfStream(await drover.station.runbook(spec.runbook), spec, node.name);
  if (!plan) return [];
  let steps: readonly StepBack[];
  try {
    steps = wayBack(plan, run, { runId, node });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return [error.message, ...backLines(wayByHand(plan, run, { runId, node }))];
  }
  if (steps.length === 0) return ['nothing of the last run is to be taken back'];
  return [...backLines(steps), `(drover rollback ${runId} ${node.name} does all this${copiesAt(runId, steps)})`];
};

const word = (value: Json | undefined): string => (typeof value === 'string' ? value : 'not known');

const clusterWords = (node: Json, health: Json): string[] => {
  if (!isJsonObject(node) || !isJsonObject(health)) return ['the cluster has no such Node'];
  const { owner, unschedulable } = node;
  const by = isJsonObject(owner) ? `by run ${word(owner['run'])}` : 'by a person or another program';
  return [
    unschedulable === true ? `cordoned ${by}` : 'schedulable',
    `Ready is ${word(health['ready'])}, InternalIP ${word(health['internalIP'])}, heard of boot ${word(health['bootId'])}`,
  ];
};

const guardLines = (status: DeadmanStatus): string[] => {
  if (status.guard === 'absent') return [];
  const { run, place, reverts, why } = status;
  const at = { before: 'before the move', new: 'at the new place, not confirmed', old: 'back at the old place' }[place];
  const times = reverts === 0 ? '' : `; it has gone back ${reverts} times`;
  return [`a guard is armed by run ${run}: ${at} (${why})${times}; to end it by hand, on the node: rm /var/lib/drover/armed`];
};

/** Shows where a node stands: journal, node and cluster side by side, and the way back by hand. Looks only. */
export async function where(this: Cli, flags: WhereFlags, name: string): Promise<void> {
  const fleet = loadFleet(findFleet({ flag: flags.fleet, env: this.env, cwd: this.cwd }), this.home, this.cwd);
  const [node] = selectNodes(fleet.nodes, { names: [name], selectors: [], exclude: [] }, fleet.file);
  if (!node) return;
  await using drover = await openDrover(this, 'where');
  const { station } = drover;
  const signal = this.interrupted();
  const position = await latestRun(drover, name);
  const memory = await station.memory.recall(name);
  const channels = station.channels('where', { cluster: fleet.cluster, ssh: fleet.ssh });
  const failed = (error: unknown): string[] => {
    if (error instanceof DroverError) return [error.message];
    throw error;
  };
  const onNode = async (): Promise<string[]> => {
    const channel = channels.node(name);
    const hello = await channel.hello(
      { name, addresses: [...new Set([...memory.addresses, ...node.addresses])], identity: memory.identity },
      { signal, timeoutMs: LOOK_MS },
    );
    const [fence, intent, kept, guard] = await channel.read(
      [
        sh`cat /var/lib/drover/fence`,
        sh`cat /var/lib/drover/intent`,
        sh`drover_snapshots ${position?.runId ?? '-'}`,
        sh`drover_deadman_status`,
      ],
      { signal, timeoutMs: LOOK_MS },
    );
    const files = (kept?.stdout ?? '').split('\n').filter((line) => line !== '');
    return [
      `answers at ${hello.address}, boot ${hello.bootId}, machine-id ${hello.identity.machineId}`,
      fence?.exitCode === 0
        ? `fence ${fence.stdout.trim()}, last intent ${intent?.stdout.trim() ?? '-'}`
        : 'drover has changed nothing here',
      ...(guard === undefined ? [] : guardLines(parseDeadman(guard))),
      ...files.map((line) => `keeps ${line}`),
    ];
  };
  const inCluster = async (): Promise<string[]> => {
    const [owner, health] = await look(worldOf(station, channels, null), [clusterNode(name), nodeHealth(name)], {
      signal,
      timeoutMs: LOOK_MS,
    });
    return clusterWords(owner?.state ?? null, health?.state ?? null);
  };
  const [nodeSide, clusterSide] = await Promise.all([onNode().catch(failed), inCluster().catch(failed)]);
  const sides: Readonly<Record<'journal' | 'node' | 'cluster' | 'back', readonly string[]>> = {
    journal: position ? journalLines(position, name) : ['no run has begun with this node'],
    node: nodeSide,
    cluster: clusterSide,
    back: position ? await byHand(drover, position, node).catch(failed) : [],
  };
  if (flags.json === true) this.stdout.write(`${JSON.stringify({ name, ...sides })}\n`);
  else {
    for (const [title, lines] of Object.entries(sides)) {
      if (lines.length === 0) continue;
      this.stdout.write(`${title === 'back' ? 'the way back, by hand' : title}\n`);
      for (const line of lines) this.stdout.write(`  ${printable(line, '\n  ')}\n`);
    }
  }
  this.exit(exitCodes.done);
}
