import type { Plan, PlanItem } from '../core/plan.ts';
import { showVerdict, verdictOf } from '../core/verdict.ts';
import type { Hold } from './hold.ts';
import type { Seen } from './look.ts';

/** Where a node came up after a boot, in words: at its new address, or at the old one because the configuration did not take. */
export const bootVerdict = (hold: Hold, plan: Plan, item: PlanItem, seen: Seen): string | undefined => {
  const { address, steps } = hold.session.run();
  if (item.step.kind !== 'activation' || !item.step.boots || address === undefined || seen.bootId === undefined) return undefined;
  const moves = plan.items.flatMap(({ step }) =>
    step.kind === 'change' && step.moves && steps[step.id]?.before !== undefined ? [step.moves.to] : [],
  );
  return showVerdict(verdictOf({ address, bootId: seen.bootId }, steps[item.step.id]?.appliedOn ?? '', moves.at(-1) ?? null));
};
