import { UsageError } from '../core/error.ts';
import type { Control } from '../core/event.ts';
import { canonical } from '../core/json.ts';
import { replayReset } from '../core/next.ts';
import { type Outline, type Plan, outline } from '../core/plan.ts';
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

/** The plan that is under way; the forward one where the way back cannot be told. */
const underWay = (run: NodeRun, way: Way): Plan => {
  if (run.plan !== 'rollback') return way.forward;
  try {
    return way.back();
  } catch (error) {
    if (error instanceof UsageError) return way.forward;
    throw error;
  }
};

/** Ends what is at work on the node first: cancelled means that nothing of it runs there any more, or says that it may. */
const cancel = async (session: Session, { by, id: control }: Control, way: Way): Promise<Ended | undefined> => {
  const plan = underWay(session.run(), way);
  const { why, replaced } = await haltNode(session, plan);
  if (replaced) return replaced;
  await session.append({ type: 'node.finished', outcome: 'cancelled', by, ...(why !== undefined && { why }), control });
  return undefined;
};

/** The plans of a node, there and back. */
type Way = { readonly forward: Plan; back(): Plan };

/** Does what a person said, as exactly one event that names the record; an end only where a newer worker has the node. */
export const obey = async (session: Session, said: Control, way: Way): Promise<Ended | undefined> => {
  if (said.type === 'cancel') return cancel(session, said, way);
  await write(session, said, way);
  return undefined;
};

const write = async (session: Session, said: Exclude<Control, { type: 'cancel' }>, way: Way): Promise<void> => {
  const { id: control, by } = said;
  const run = session.run();
  switch (said.type) {
    case 'answer':
      return session.append({ type: 'step.answered', step: said.step, by, answer: said.answer, control });
    case 'pause':
      return session.append({
        type: 'node.parked',
        waitsFor: `paused by ${by}: drover resume ${session.assignment.runId}`,
        clears: 'by-word',
        control,
      });
    case 'resume':
      return session.append({ type: 'node.resumed', by, control });
    case 'replay': {
      const from = said.from ?? replayFrom(way.forward, run);
      const reset = from === undefined ? undefined : replayReset(way.forward, from);
      // after a rollback everything is new again
      const all = way.forward.items.map(({ step }) => step.id);
      return begin(session, way.forward, run.plan === 'rollback' || reset === undefined ? all : reset, { by, control });
    }
    case 'rollback': {
      try {
        const back = way.back();
        return await begin(
          session,
          back,
          back.items.map(({ step }) => step.id),
          { by, control },
        );
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        // one that had ended stays so: it was let in to be taken back, and gives its place back
        if (run.outcome !== undefined)
          return session.append({ type: 'node.finished', outcome: run.outcome, by, why: error.message, control });
        return session.append({ type: 'node.parked', waitsFor: error.message, clears: 'by-word', control });
      }
    }
  }
};
