import type { Json } from '../core/json.ts';
import type { Plan, PlanItem } from '../core/plan.ts';
import { type Hold, contextOf, guarded, lookAt } from './hold.ts';
import { bootOf } from './look.ts';
import type { Ended } from './world.ts';

/**
 * Decides whether a bracket has to open: only if a change inside is unmet, a proof does not hold on this boot, or it stands open already.
 *
 * If not, everything inside is skipped on the evidence of this one look. If so, the states of its gates and proofs are kept for the way back.
 */
export const assess = async (hold: Hold, plan: Plan, bracket: string): Promise<Ended | undefined> => {
  const { session } = hold;
  const items = plan.items.filter((item) => item.bracket === bracket);
  const inner = items.filter(({ role }) => role === 'inner');
  const gates = items.filter(({ step }) => step.kind === 'gate' && step.restored !== undefined);
  const looked = [...new Set([...inner, ...gates])];
  const [first] = items;
  if (!first) return undefined;
  return guarded(hold, first, async () => {
    const seen = await lookAt(hold, plan, looked);
    const stateOf = (item: PlanItem): Json => seen[looked.indexOf(item)]?.state ?? null;
    const needed = inner.filter((item) => {
      const counts = item.step.kind !== 'gate' || item.proves !== undefined;
      return counts && item.step.unmet(stateOf(item), stateOf(item), contextOf(session, plan, item)).length > 0;
    });
    const standsOpen = items.some(({ role, step }) => role === 'open' && session.run().steps[step.id]?.before !== undefined);
    if (needed.length > 0 || standsOpen) {
      const before = Object.fromEntries(gates.map((item) => [item.step.id, stateOf(item)]));
      await session.append({ type: 'bracket.opened', bracket, before });
      return undefined;
    }
    for (const item of inner) {
      const one = seen[looked.indexOf(item)];
      const boot = one ? bootOf(one) : {};
      if (item.step.kind === 'gate') await session.append({ type: 'step.verified', step: item.step.id, after: stateOf(item), ...boot });
      else await session.append({ type: 'step.skipped', step: item.step.id, state: stateOf(item), ...boot });
    }
    // last: whoever dies before asks again, and must find them open to be done if something inside has to be by then
    for (const item of items.filter(({ role }) => role === 'open')) {
      await session.append({ type: 'step.skipped', step: item.step.id, state: null, reason: 'nothing inside has to be done' });
    }
    return undefined;
  });
};
