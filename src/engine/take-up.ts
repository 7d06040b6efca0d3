import type { Plan } from '../core/plan.ts';
import type { Acted, Acting } from './act.ts';
import { type Hold, contextOf } from './hold.ts';
import { onNode } from './on-node.ts';

/**
 * Takes up what an earlier worker, or an earlier connection, has left at work for a step that has started: a durable command is followed to
 * its end, and neither started again nor looked past.
 *
 * Undefined when there is nothing of the kind, or when it does not tell how the step as a whole went: a look decides then.
 */
export const takeUp = async (hold: Hold, plan: Plan, item: Acting): Promise<Acted | undefined> => {
  const { session } = hold;
  const { step } = item;
  const state = session.run().steps[step.id];
  if (!session.world.node || state === undefined || state.asked !== undefined) return undefined;
  // what the attempt was decided on: the actions are the same again
  const actions = step.apply(state.baseline ?? null, contextOf(session, plan, item), state.before);
  for (const [index, action] of [...actions.entries()].toReversed()) {
    if (action.via !== 'ssh' || action.durable !== true) continue;
    const { bootId } = await session.hello();
    const acted = await onNode(hold, item, action, [], { bootId, attach: true });
    if (acted.kind === 'absent') continue;
    hold.untouched = false;
    hold.ready.clear();
    return acted.kind === 'done' && index < actions.length - 1 ? undefined : acted;
  }
  return undefined;
};
