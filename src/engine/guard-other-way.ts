import { disarmDeadman } from '../core/deadman.ts';
import { isAboutWork } from '../core/error.ts';
import { isGuarding } from '../core/guarded.ts';
import type { Plan } from '../core/plan.ts';
import { askGuard, exitCodeOf, intentOf } from './guard.ts';
import type { Hold } from './hold.ts';
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
