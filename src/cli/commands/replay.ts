import { hasGoneBack } from '../../core/controls.ts';
import { PlanDriftError, UsageError } from '../../core/error.ts';
import { RUN_STREAM } from '../../core/node.ts';
import { outline, outlineDrift } from '../../core/plan.ts';
import type { NodeRun } from '../../core/reduce.ts';
import { planOfStream } from '../../queue/plans.ts';
import { readRun } from '../../queue/run-state.ts';
import { replayFrom } from '../../engine/obey.ts';
import { attach } from '../attach.ts';
import type { Cli } from '../context.ts';
import { reserveNodes } from '../create-run.ts';
import { didYouMean } from '../did-you-mean.ts';
import { openDrover } from '../drover.ts';
import { exitCodes } from '../exit-code.ts';
import type { OutputFlags, YesFlag } from '../flags.ts';
import { tailOf } from '../follow.ts';
import { confirmed, person } from '../person.ts';
import { findRun, nodesOfRun, say } from '../say.ts';

/** The flags of `drover replay`. */
export type ReplayFlags = OutputFlags & YesFlag & { readonly from?: string };

const isAgain = (state: NodeRun | undefined): boolean =>
  state !== undefined && (hasGoneBack(state) || (state.outcome !== undefined && state.outcome !== 'succeeded'));

/** Tries nodes again that did not end as wished, from the failed step or an earlier one, or that have gone back to their old address. */
export async function replay(this: Cli, flags: ReplayFlags, word: string, ...names: string[]): Promise<void> {
  await using drover = await openDrover(this, 'replay');
  const { station } = drover;
  const { runId, spec } = await findRun(drover, word);
  const { run, nodes } = await readRun(station.journal, runId, spec);
  const asked = nodesOfRun(runId, spec, names).nodes;
  const states: Readonly<Record<string, NodeRun>> = { ...nodes, [RUN_STREAM]: run };
  const again = (asked ?? Object.keys(states)).filter((name) => isAgain(states[name]));
  if (again.length === 0) {
    const running = Object.entries(nodes).filter(([, state]) => state.plan !== undefined && state.outcome === undefined);
    throw new UsageError(
      running.length > 0
        ? `nothing of run ${runId} has failed; ${running.map(([name]) => name).join(', ')} still under way: drover watch ${runId}, drover resume ${runId}`
        : `nothing to replay in run ${runId}: ${asked ? `${asked.join(', ')} ended as wished` : 'all that began ended as wished'}; start a new run instead`,
    );
  }
  const runbook = await station.runbook(spec.runbook);
  const from: string[] = [];
  const drift: string[] = [];
  for (const name of again) {
    const plan = planOfStream(runbook, spec, name);
    const state = states[name];
    if (!plan || !state) continue;
    drift.push(...(state.outline ? outlineDrift(state.outline, outline(plan)) : []).map((line) => `${name}: ${line}`));
    const ids = plan.items.map(({ step }) => step.id);
    if (flags.from !== undefined && !ids.includes(flags.from))
      throw new UsageError(`${name} has no step ${flags.from}${didYouMean(flags.from, ids)}; it has ${ids.join(', ')}`);
    from.push(`${name} from ${flags.from ?? (state.plan === 'rollback' ? 'the beginning' : (replayFrom(plan, state) ?? 'the beginning'))}`);
  }
  if (drift.length > 0)
    throw new PlanDriftError(
      `the runbook ${runbook.name} is not what run ${runId} began with: ${drift.join('; ')}; put the old one back and replay, take the run back with drover rollback ${runId}, or go on with the new one: drover adopt ${runbook.name} ${again.filter((name) => name !== RUN_STREAM).join(' ')}`,
    );
  if (!(await confirmed(this, `Replay ${from.join(', ')}?`, flags.yes))) return this.exit(exitCodes.usage);
  const by = person(this);
  // what has not begun yet goes on as well when the whole run is meant
  const moves = asked ?? spec.nodes.map(({ name }) => name).filter((name) => states[name]?.outcome !== 'succeeded');
  await reserveNodes(
    drover,
    runId,
    moves.filter((name) => name !== RUN_STREAM),
    by,
  );
  const after = await tailOf(station.journal, runId);
  const whom = asked === undefined ? {} : { nodes: again };
  await say(drover, runId, { type: 'replay', by, ...whom, ...(flags.from !== undefined && { from: flags.from }) });
  this.exit(await attach(this, drover, runId, spec, flags, after));
}
