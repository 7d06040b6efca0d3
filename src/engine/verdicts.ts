import type { ConnectionError } from '../core/error.ts';
import type { Plan, PlanItem } from '../core/plan.ts';
import { withinMs } from '../core/step.ts';
import { type Verdict, verdictOf } from '../core/verdict.ts';
import { type Found, type WayOut, isNews, wayOut } from '../core/way-out.ts';
import type { Hold } from './hold.ts';
import type { Seen } from './look.ts';
import { movesBegun, otherwiseOf } from './session.ts';

/** Where the changes that were begun move the node; null where it stays. */
const movedTo = (hold: Hold, plan: Plan): string | null => movesBegun(plan, hold.session.run()).at(-1) ?? null;

/** What a look after a boot was ordered means: where the node is, and on which boot. Undefined for a step that does not boot. */
export const bootVerdict = (hold: Hold, plan: Plan, { step }: PlanItem, { bootId }: Seen): Verdict | undefined => {
  const { address, steps } = hold.session.run();
  if (step.kind !== 'activation' || !step.boots || address === undefined || bootId === undefined) return undefined;
  return verdictOf({ address, bootId }, steps[step.id]?.appliedOn ?? '', movedTo(hold, plan));
};

/** What a connection that could not be made means; undefined when no address was tried. */
export const awayVerdict = ({ attempts }: ConnectionError): Verdict | undefined =>
  attempts.length === 0 ? undefined : verdictOf({ attempts }, '', null);

/**
 * Writes down a verdict when it is news, with the way out of it.
 *
 * @param waits the step that waits for it, and until when (epoch ms)
 */
const note = async (
  hold: Hold,
  step: string,
  verdict: Verdict,
  waits: { readonly step: string; readonly failsAt: number },
): Promise<void> => {
  const { session } = hold;
  const { runId, node } = session.assignment;
  const run = session.run();
  const asked = run.steps[step]?.asked !== undefined;
  if (!isNews(run, { step, verdict, asked }, session.world.clock.now())) return;
  const found: Found = { step, verdict, waits: waits.step, failsAt: waits.failsAt, otherwise: otherwiseOf(session), asked };
  await session.append({ type: 'node.verdict', ...found, next: wayOut(runId, node.name, run, found) });
};

/** The node has not booted yet, or is away: the step itself waits, for as long as it may. `failsAt` where it has not begun. */
export const noteWaiting = async (hold: Hold, { step }: PlanItem, verdict: Verdict, failsAt?: number): Promise<void> => {
  const state = hold.session.run().steps[step.id];
  const bound = (state?.startedAt ?? hold.session.world.clock.now()) + withinMs(step, state?.asked !== undefined);
  await note(hold, step.id, verdict, { step: step.id, failsAt: failsAt ?? bound });
};

/** The node has booted: what stands behind the boot waits now. Where nothing moves and nobody missed it, that is no news. */
export const noteBooted = async (hold: Hold, plan: Plan, item: PlanItem, verdict: Verdict): Promise<void> => {
  const { session } = hold;
  if (verdict.verdict === 'rebooted-at-new' && movedTo(hold, plan) === null && session.run().found?.step !== item.step.id) return;
  const next = plan.items[plan.items.indexOf(item) + 1]?.step ?? item.step;
  await note(hold, item.step.id, verdict, { step: next.id, failsAt: session.world.clock.now() + withinMs(next, false) });
};

/** The way out where the guard has gone back: the node has rebooted, and is at its old address again. */
export const revertedNext = (hold: Hold, plan: Plan, step: string): { readonly next?: WayOut } => {
  const { runId, node } = hold.session.assignment;
  const run = hold.session.run();
  const { guard, address } = run;
  const wished = movedTo(hold, plan);
  if (!guard || address === undefined || wished === null) return {};
  const found: Found = {
    step,
    verdict: { verdict: 'rebooted-at-old', address, wished },
    waits: step,
    failsAt: 0,
    otherwise: 'stays',
    asked: false,
  };
  return { next: wayOut(runId, node.name, { ...run, guard: { ...guard, reverted: true } }, found) };
};
