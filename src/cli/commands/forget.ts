import { sh } from '../../core/command.ts';
import { count } from '../../core/count.ts';
import { type Duration, durationMs } from '../../core/duration.ts';
import { CommandError, UsageError } from '../../core/error.ts';
import { type Node, RUN_STREAM } from '../../core/node.ts';
import type { Hello } from '../../core/ports.ts';
import { fold } from '../../core/reduce.ts';
import { underLease } from '../../queue/hold.ts';
import { nodeMemory } from '../../queue/node-memory.ts';
import type { Channels } from '../../queue/station.ts';
import type { Cli } from '../context.ts';
import { type Drover, openChannels, openDrover } from '../drover.ts';
import { findFleet, loadFleet } from '../fleet.ts';
import type { FleetFlags, JsonFlag, YesFlag } from '../flags.ts';
import { confirmed } from '../person.ts';
import { reachNode } from '../reach-node.ts';
import { selectNodes } from '../select.ts';
import { type Standing, type Trace, isOlder, isOver, readTraces } from '../traces.ts';

/** The flags of `drover forget`. */
export type ForgetFlags = FleetFlags &
  JsonFlag &
  YesFlag & { readonly run?: string; readonly olderThan?: Duration; readonly pins?: boolean };

const WRITE_MS = 60_000;

/** How a run stands on a node, by its journal; undefined when there is none. */
const standsOn = async ({ station: { journal } }: Drover, node: Node, runId: string): Promise<Standing | undefined> => {
  const [run, own] = await Promise.all([journal.read(runId, RUN_STREAM), journal.read(runId, node.name)]);
  const lastAt = Math.max(...[run.at(-1)?.at, own.at(-1)?.at].filter((at) => at !== undefined));
  if (!Number.isFinite(lastAt)) return undefined;
  const { outcome } = fold(own);
  const { runOutcome } = fold(run);
  return { ...(outcome !== undefined && { outcome }), ...(runOutcome !== undefined && { runOutcome }), lastAt };
};

const remove = async (
  drover: Drover,
  channels: Channels,
  node: Node,
  hello: Hello,
  traces: readonly Trace[],
  signal: AbortSignal,
): Promise<void> => {
  const done = await underLease(drover.station, node.name, signal, 0, async (fence, holding) => {
    for (const { runId } of traces) {
      const guard = { fence, run: runId, step: 'forget', attempt: 1, bootId: hello.bootId };
      const { performed } = await channels
        .node(node.name)
        .write(sh`drover_forget ${runId}`, guard, [], { signal: holding, timeoutMs: WRITE_MS });
      if (performed.kind === 'exited' && performed.result.exitCode === 0) continue;
      const why =
        performed.kind === 'exited' ? performed.result.stderr.trim() : performed.kind === 'refused' ? performed.detail : performed.why;
      throw new CommandError(`${node.name}: what run ${runId} keeps there could not be removed: ${why}`);
    }
    return 'removed' as const;
  });
  if (done !== 'removed') throw new UsageError(`${node.name} is at work for ${done.by}; try again when that is over`);
};

/** Removes what finished runs keep on nodes; with `--pins`, what drover remembers of who they are. */
export async function forget(this: Cli, flags: ForgetFlags, ...names: string[]): Promise<void> {
  if ([flags.pins, flags.run, flags.olderThan].filter((flag) => flag !== undefined).length > 1)
    throw new UsageError(
      '--pins forgets who the machine is, --run what one run keeps on it, --older-than what all that ended before keep: give one of them',
    );
  if (names.length === 0 && flags.olderThan === undefined)
    throw new UsageError('name the nodes; all of them are meant by drover forget --older-than 30d alone');
  const fleet = loadFleet(findFleet({ flag: flags.fleet, env: this.env, cwd: this.cwd }), this.home, this.cwd);
  const nodes = selectNodes(fleet.nodes, { names, selectors: [], exclude: [] }, fleet.file);
  const say = (node: string, text: string, data: object): void => {
    this.stdout.write(flags.json === true ? `${JSON.stringify({ node, ...data })}\n` : `${node}: ${text}\n`);
  };
  await using drover = await openDrover(this, 'forget');
  if (flags.pins === true) {
    const question = `Forget who ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} and where it answered? The next contact is then a first one.`;
    if (!(await confirmed(this, question, flags.yes))) return;
    for (const { name } of nodes) {
      await nodeMemory(drover.redis).forget(name);
      say(name, 'forgotten; the next contact is a first one, its host key must be known', { forgot: 'pins' });
    }
    return;
  }
  const signal = this.interrupted();
  await using channels = openChannels(this, { cluster: fleet.cluster, ssh: fleet.ssh });
  for (const node of nodes) {
    const hello = await reachNode(channels, drover.station.memory, node, signal);
    const all = await readTraces(channels.node(node.name), node.name, signal);
    const chosen = flags.run === undefined ? all : all.filter(({ runId }) => runId === flags.run);
    const traces: Trace[] = [];
    for (const trace of chosen) {
      const stands = await standsOn(drover, node, trace.runId);
      if (flags.olderThan !== undefined && !isOlder(stands, Date.now() - durationMs(flags.olderThan))) continue;
      if (isOver(stands)) traces.push(trace);
      else if (flags.run !== undefined)
        throw new UsageError(
          `run ${trace.runId} is not over on ${node.name}, and would need these files to go back; end it first: drover cancel ${trace.runId} ${node.name}`,
        );
    }
    if (traces.length === 0) {
      say(node.name, all.length === 0 ? 'nothing is kept there' : 'nothing is kept there that may be removed', { forgot: [] });
      continue;
    }
    const list = traces.map(({ runId, files }) => `run ${runId} (${count(files.length, 'file')})`).join(', ');
    if (
      !(await confirmed(
        this,
        `${node.name}: remove what was there before ${list}? After that these runs cannot be rolled back.`,
        flags.yes,
      ))
    )
      continue;
    await remove(drover, channels, node, hello, traces, signal);
    say(node.name, `removed what was kept for ${list}`, { forgot: traces.map(({ runId }) => runId) });
  }
}
