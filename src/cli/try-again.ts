import { hasGoneBack } from '../core/controls.ts';
import { PlanDriftError, UsageError } from '../core/error.ts';
import { RUN_STREAM } from '../core/node.ts';
import { outline, outlineDrift } from '../core/plan.ts';
import type { NodeRun } from '../core/reduce.ts';
import { replayFrom } from '../engine/obey.ts';
import { planOfStream } from '../queue/plans.ts';
import { readRun } from '../queue/run-state.ts';
import { reserveNodes } from './create-run.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Drover } from './drover.ts';
import { say } from './say.ts';
import type { RunFound } from './take-back.ts';

/** What a replay comes to: who is tried again from where; no `asked` means the whole run. */
export type Replay = {
  readonly asked: readonly string[] | undefined;
  readonly from: string | undefined;
  readonly again: readonly { readonly name: string; readonly from: string }[];
  /** All that may move then: what has not begun yet goes on as well when the whole run is meant. */
  readonly moves: readonly string[];
};

/** Ended otherwise than as wished, or has gone back to its old address by itself and waits for a word. */
const isAgain = (state: NodeRun | undefined): boolean =>
  state !== undefined && (hasGoneBack(state) || (state.outcome !== undefined && state.outcome !== 'succeeded'));

/**
 * Finds what of nodes, or of the whole run, did not end as wished and can be tried again.
 *
 * @param from the step to begin at; what failed, if absent
 * @throws UsageError when there is nothing to try again, or no such step; PlanDriftError when the runbook was changed meanwhile
 */
export const findReplay = async (
  drover: Drover,
  { runId, spec }: RunFound,
  asked: readonly string[] | undefined,
  from: string | undefined,
): Promise<Replay> => {
  const { station } = drover;
  const { run, nodes } = await readRun(station.journal, runId, spec);
  const states: Readonly<Record<string, NodeRun>> = { ...nodes, [RUN_STREAM]: run };
  const names = (asked ?? Object.keys(states)).filter((name) => isAgain(states[name]));
  if (names.length === 0) {
    const running = Object.entries(nodes).filter(([, state]) => state.plan !== undefined && state.outcome === undefined);
    throw new UsageError(
      running.length > 0
        ? `nothing of run ${runId} has failed; ${running.map(([name]) => name).join(', ')} still under way: drover watch ${runId}, drover resume ${runId}`
        : `nothing to replay in run ${runId}: ${asked ? `${asked.join(', ')} ended as wished` : 'all that began ended as wished'}; start a new run instead`,
    );
  }
  const runbook = await station.runbook(spec.runbook);
  const again: Replay['again'][number][] = [];
  const drift: string[] = [];
  for (const name of names) {
    const plan = planOfStream(runbook, spec, name);
    const state = states[name];
    if (!plan || !state) continue;
    drift.push(...(state.outline ? outlineDrift(state.outline, outline(plan)) : []).map((line) => `${name}: ${line}`));
    const ids = plan.items.map(({ step }) => step.id);
    if (from !== undefined && !ids.includes(from))
      throw new UsageError(`${name} has no step ${from}${didYouMean(from, ids)}; it has ${ids.join(', ')}`);
    const usual = state.plan === 'rollback' ? undefined : replayFrom(plan, state);
    again.push({ name, from: from ?? usual ?? 'the beginning' });
  }
  if (drift.length > 0)
    throw new PlanDriftError(
      `the runbook ${runbook.name} is not what run ${runId} began with: ${drift.join('; ')}; put the old one back and replay, take the run back with drover rollback ${runId}, or go on with the new one: drover adopt ${runbook.name} ${names.filter((name) => name !== RUN_STREAM).join(' ')}`,
    );
  const moves = asked ?? spec.nodes.map(({ name }) => name).filter((name) => states[name]?.outcome !== 'succeeded');
  return { asked, from, again, moves };
};

/** Says a replay that was found, once all that it moves belong to this run. @throws UsageError when a node belongs to somebody else */
export const sayReplay = async (drover: Drover, { runId }: RunFound, { asked, from, again, moves }: Replay, by: string): Promise<void> => {
  await reserveNodes(drover, runId, moves, by);
  const whom = asked === undefined ? {} : { nodes: again.map(({ name }) => name) };
  await say(drover, runId, { type: 'replay', by, ...whom, ...(from !== undefined && { from }) });
};
