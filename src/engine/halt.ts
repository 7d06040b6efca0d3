import { CancelledError, CommandError, ConnectionError } from '../core/error.ts';
import type { Plan, PlanItem } from '../core/plan.ts';
import type { StepState } from '../core/reduce.ts';
import { contextOf } from './hold.ts';
import type { Session } from './session.ts';
import type { Ended } from './world.ts';

/** How long a person who cancels waits for a node that does not answer, and for a command that does not end. */
const REACH_MS = 15_000;
const HALT_MS = 20_000;

/** What is known of a node once nothing more is done there. */
export type Halted = {
  /** What may still run there, in words. */
  readonly why?: string;
  /** A newer worker has the node. */
  readonly replaced?: Extract<Ended, { kind: 'replaced' }>;
};

/** A step of a plan, and what the journal knows of it. */
type AtWork = { readonly item: PlanItem; readonly state: StepState };

/** The step whose command may be at work on the node: started, and nobody has heard how it ended. */
const atWork = (session: Session, plans: readonly Plan[]): AtWork | undefined => {
  for (const plan of plans) {
    for (const item of plan.items) {
      const state = session.run().steps[item.step.id];
      if (state === undefined || (state.phase !== 'started' && state.phase !== 'unknown')) continue;
      if (item.step.kind === 'gate' || state.asked !== undefined) continue;
      const actions = item.step.apply(state.baseline ?? null, contextOf(session, plan, item));
      if (actions.some(({ via }) => via === 'ssh')) return { item, state };
    }
  }
  return undefined;
};

/** Ends on the node what a step that these plans have started may have left at work there, whoever began it. */
export const haltNode = async (session: Session, plans: readonly Plan[]): Promise<Halted> => {
  const { assignment, world } = session;
  const node = assignment.node.name;
  const found = world.node ? atWork(session, plans) : undefined;
  if (!world.node || !found) return {};
  const { item, state } = found;
  const may = `what "${item.step.title}" began may still run on ${node}`;
  try {
    const { bootId } = await session.hello(REACH_MS);
    const guard = { fence: assignment.fence, run: assignment.runId, step: item.step.id, attempt: state.attempt, bootId };
    const performed = await world.node.halt(guard, { signal: assignment.signal, timeoutMs: HALT_MS });
    if (performed.kind === 'unknown') return { why: `${may}: ${performed.why}` };
    if (performed.kind === 'exited') return {};
    if (performed.why === 'fence')
      return { replaced: { kind: 'replaced', why: performed.detail, nodeFence: Number(performed.detail) || 0 } };
    // on another boot nothing of it is left
    return performed.why === 'boot' ? {} : { why: `${may}: ${performed.detail}` };
  } catch (error) {
    // where the hold has ended meanwhile, nothing is written any more; a node whose lock somebody holds cannot be claimed, nor halted
    const outOfReach =
      error instanceof ConnectionError || error instanceof CancelledError || (error instanceof CommandError && error.transient);
    if (!outOfReach) throw error;
    return { why: `${may}: ${error.message}` };
  }
};
