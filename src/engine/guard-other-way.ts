import { disarmDeadman } from '../core/deadman.ts';
import { isAboutWork } from '../core/error.ts';
import { type Guarded, isGuarding, movingChange, movingProof } from '../core/guarded.ts';
import type { Json } from '../core/json.ts';
import type { Plan, PlanItem } from '../core/plan.ts';
import { askGuard, exitCodeOf, intentOf } from './ask-guard.ts';
import { type Hold, contextOf, lookAt } from './hold.ts';
import { onNode } from './on-node.ts';
import type { Ended } from './world.ts';

/**
 * Ends the guard of a move the other way that has gone back by itself: the node is where this plan wants it, and that guard would go on to
 * change places, so nothing that is seen counts as long as it is there.
 *
 * Asked first in a hold, and again whenever the node has answered. One that has not gone back stays until this plan arms its own, or ends.
 */
export const endOtherWay = async (hold: Hold, plan: Plan): Promise<Ended | undefined> => {
  const { session } = hold;
  const { guard } = session.run();
  const [item] = plan.items;
  if (!guard || !item || !session.world.node || isGuarding(plan, session.run()) || (hold.greeted && !hold.answered)) return undefined;
  hold.answered = false;
  try {
    const { bootId } = await session.hello();
    const status = await askGuard(hold);
    hold.greeted = true;
    if (status.guard === 'absent' || status.place !== 'old') return undefined;
    const acted = await onNode(hold, item, disarmDeadman, [], { bootId, intent: intentOf(guard.step) });
    if (acted.kind === 'replaced') return { kind: 'replaced', why: acted.why, nodeFence: acted.nodeFence };
    hold.ready.clear();
    const code = exitCodeOf(acted);
    // whatever else came of it: it is asked again
    if (code !== 0 && code !== 97) hold.greeted = false;
    else
      await session.append({
        type: 'guard.disarmed',
        step: guard.step,
        why: `the node has gone back by itself (${status.why}), to where it is wanted now`,
      });
    return undefined;
  } catch (error) {
    // whoever looks next meets the same, and knows what follows from it
    if (!isAboutWork(error)) throw error;
    return undefined;
  }
};

/** Whether the moving change of a group is as it shall be on disk and in effect, so that no boot leads elsewhere. */
const isThere = async (hold: Hold, plan: Plan, group: Guarded): Promise<boolean> => {
  const items = [movingChange(group), movingProof(plan, group)].filter((item) => item !== undefined);
  const seen = await lookAt(hold, plan, items);
  const before = (item: PlanItem, now: Json): Json => hold.session.run().steps[item.step.id]?.before ?? now;
  return seen.every(({ state }, at) => {
    const item = items[at];
    return item?.step.unmet(state, before(item, state), contextOf(hold.session, plan, item)).length === 0;
  });
};

/**
 * Whether the guard of the way there, which still waits for the move, is the one that the way back needs: a boot before the old files are back leads
 * to the new place, and only that guard takes the node away from there. One for the way back would take the new place for proven.
 */
export const waitsForMove = async (hold: Hold, plan: Plan, group: Guarded, bootId: string): Promise<boolean> => {
  const run = hold.session.run();
  if (plan.direction !== 'rollback' || !run.guard?.bootId || run.guard.reverted || isGuarding(plan, run)) return false;
  const status = await askGuard(hold);
  if (status.guard === 'absent' || status.place !== 'before') return false;
  return status.armedOn === bootId || isThere(hold, plan, group);
};
