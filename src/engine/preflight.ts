import { ConnectionError, isAboutWork } from '../core/error.ts';
import type { Plan } from '../core/plan.ts';
import { type Hold, contextOf, lookAt } from './hold.ts';
import type { Ended } from './world.ts';

/** How long a node may take to answer before it counts as one that does not. */
const PATIENCE_MS = 30_000;
const AGAIN_MS = 1000;

/** The gates that stand before the first change. */
export const leadingGates = (plan: Plan): Plan['items'] => {
  const first = plan.items.findIndex(({ step }) => step.kind !== 'gate');
  return first === -1 ? plan.items : plan.items.slice(0, first);
};

/** What the leading gates have against a run; a node that cannot be looked at is one more reason. */
const unmetGates = async (hold: Hold, plan: Plan): Promise<readonly string[]> => {
  const { session } = hold;
  const until = session.world.clock.now() + PATIENCE_MS;
  for (;;) {
    try {
      if (session.world.node) await session.hello();
      const gates = leadingGates(plan);
      const seen = await lookAt(hold, plan, gates);
      return gates.flatMap((item, index) => {
        const state = seen[index]?.state ?? null;
        return item.step.unmet(state, state, contextOf(session, plan, item));
      });
    } catch (error) {
      if (!isAboutWork(error)) throw error;
      const late = session.world.clock.now() >= until || session.assignment.signal.aborted;
      if (late || !error.transient)
        return [error instanceof ConnectionError ? error.message : `${session.assignment.node.name}: ${error.message}`];
      hold.ready.clear();
      await session.world.clock.sleep(AGAIN_MS, session.assignment.signal);
    }
  }
};

/** Asks the gates before the first change, without beginning; what they say decides about the whole run. */
export const preflight = async (hold: Hold, plan: Plan): Promise<Ended | undefined> => {
  const unmet = await unmetGates(hold, plan);
  if (hold.session.assignment.signal.aborted) return { kind: 'stopped' };
  await hold.session.append({ type: 'node.preflighted', unmet });
  // between this look and the first change may lie hours: it is looked at again then
  hold.ready.clear();
  return undefined;
};
