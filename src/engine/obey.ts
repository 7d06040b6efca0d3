import { UsageError } from '../core/error.ts';
import type { Control } from '../core/event.ts';
import { guardLeft } from '../core/guarded.ts';
import { canonical } from '../core/json.ts';
import { replayReset } from '../core/next.ts';
import { type Outline, type Plan, outline, outlineDrift } from '../core/plan.ts';
import { type NodeRun, isSettled } from '../core/reduce.ts';
import { haltNode } from './halt.ts';
import type { Session } from './session.ts';
import type { Ended } from './world.ts';

/** The step that a replay begins at when nobody names one: what failed, else the first that is not settled. */
export const replayFrom = (plan: Plan, run: NodeRun): string | undefined =>
  (
    plan.items.find(({ step }) => run.steps[step.id]?.phase === 'failed') ??
    plan.items.find(({ step }) => !isSettled(run.steps[step.id])) ??
    plan.items[0]
  )?.step.id;

/** The short form of an outline, for people to compare. */
export const fingerprint = (of: Outline, sha256: (text: string) => string): string =>
  sha256(canonical(of.map((step) => ({ ...step })))).slice(0, 16);

/** Begins a plan, forward or back; `reset` lists what is looked at again. */
export const begin = async (
  session: Session,
  plan: Plan,
  reset: readonly string[],
  { by, control, heard }: { readonly by: string; readonly control?: string | undefined; readonly heard?: string | undefined },
): Promise<void> => {
  const of = outline(plan);
  await session.append({
    type: 'plan.started',
    plan: plan.direction,
    fingerprint: fingerprint(of, session.world.sha256),
    outline: of,
    reset,
    by,
    ...(control !== undefined && { control }),
    ...(heard !== undefined && { heard }),
  });
};

/** The plans of a node, there and back. */
type Way = { readonly forward: Plan; back(): Plan };

/** The plans that may have left something at work; the forward one alone where the way back cannot be told, or has not begun. */
const begunPlans = (run: NodeRun, way: Way): readonly Plan[] => {
  if (run.plan !== 'rollback') return [way.forward];
  try {
    return [way.back(), way.forward];
  } catch (error) {
    if (error instanceof UsageError) return [way.forward];
    throw error;
  }
};

const replay = (
  session: Session,
  way: Way,
  step: string | undefined,
  said: { readonly by: string; readonly control: string },
): Promise<void> => {
  const run = session.run();
  const drift = run.plan === 'forward' && run.outline ? outlineDrift(run.outline, outline(way.forward)) : [];
  // one that had ended stays so, and gives its place back
  if (drift.length > 0 && run.outcome !== undefined)
    return session.append({
      type: 'node.finished',
      outcome: run.outcome,
      by: said.by,
      why: `PlanDriftError: not replayed, because the runbook is not what this run began with: ${drift.join('; ')}`,
      control: said.control,
    });
  const from = step ?? replayFrom(way.forward, run);
  const reset = from === undefined ? undefined : replayReset(way.forward, from);
  // after a rollback everything is new again
  const all = way.forward.items.map(({ step: { id } }) => id);
  return begin(session, way.forward, run.plan === 'rollback' || reset === undefined ? all : reset, said);
};

const rollback = async (session: Session, way: Way, { by, control }: { readonly by: string; readonly control: string }): Promise<void> => {
  const { outcome } = session.run();
  try {
    const back = way.back();
    const reset = back.items.map(({ step }) => step.id);
    return await begin(session, back, reset, { by, control });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    // one that had ended stays so: it was let in to be taken back, and gives its place back
    if (outcome !== undefined) return session.append({ type: 'node.finished', outcome, by, why: error.message, control });
    return session.append({ type: 'node.parked', waitsFor: error.message, clears: 'by-word', control });
  }
};

/** Does what a person said, as exactly one event that names the record; gives an end back where a newer worker has the node. */
export const obey = async (session: Session, said: Control, way: Way): Promise<Ended | undefined> => {
  const { id: control, by } = said;
  const { runId } = session.assignment;
  switch (said.type) {
    case 'answer':
      await session.append({ type: 'step.answered', step: said.step, by, answer: said.answer, control });
      return undefined;
    case 'pause':
      await session.append({ type: 'node.parked', waitsFor: `paused by ${by}: drover resume ${runId}`, clears: 'by-word', control });
      return undefined;
    case 'resume':
      await session.append({ type: 'node.resumed', by, control });
      return undefined;
    case 'cancel': {
      // cancelled means that nothing of it runs on the node any more, or says that it may
      const { why, replaced } = await haltNode(session, begunPlans(session.run(), way));
      if (replaced) return replaced;
      const words = [why, guardLeft(session.run())].filter((one) => one !== undefined).join('; ');
      await session.append({ type: 'node.finished', outcome: 'cancelled', by, ...(words !== '' && { why: words }), control });
      return undefined;
    }
    case 'replay':
      await replay(session, way, said.from, { by, control });
      return undefined;
    case 'rollback':
      await rollback(session, way, { by, control });
      return undefined;
  }
};
