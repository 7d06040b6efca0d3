import { canonical, sameJson } from '../core/json.ts';
import type { Plan, PlanItem } from '../core/plan.ts';
import { type Hold, contextOf } from './hold.ts';
import type { Seen } from './look.ts';

/**
 * On the way back: the state is neither what drover left nor what was there before, so somebody else changed it since.
 *
 * Only asked for what takes effect later, which nothing but a person or a program writes.
 */
export const contested = (hold: Hold, plan: Plan, forward: Plan, item: PlanItem, seen: Seen): string | undefined => {
  if (item.undoes === undefined || item.step.kind !== 'change' || (item.step.takesEffect ?? 'now') === 'now') return undefined;
  const original = forward.items.find(({ step }) => step.id === item.undoes);
  const state = hold.session.run().steps[item.undoes];
  if (!original || state?.before === undefined || state.after === undefined || state.phase !== 'verified') return undefined;
  const ctx = contextOf(hold.session, plan, item);
  if (original.step.unmet(seen.state, state.before, ctx).length === 0 || sameJson(seen.state, state.after)) return undefined;
  if (item.step.unmet(seen.state, seen.state, ctx).length === 0) return undefined;
  return `somebody else changed what drover had done in ${item.undoes}: is ${canonical(seen.state)}, drover left ${canonical(state.after)}, before it was ${canonical(state.before)}; say drover answer RUN ${hold.session.assignment.node.name} ${item.step.id} overwrite (or keep)`;
};
