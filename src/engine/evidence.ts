import type { Plan, PlanItem } from '../core/plan.ts';
import type { Hold } from './hold.ts';
import { type Seen, bootNow } from './look.ts';
import { LOOK_MS } from './session.ts';

/** The gates of a step's bracket that vouch for it: those behind the last boot of the plan, as far as they hold on some boot. */
const vouching = (hold: Hold, plan: Plan, item: PlanItem): readonly PlanItem[] => {
  if (item.bracket === undefined || item.step.kind !== 'change') return [];
  const { steps } = hold.session.run();
  const before = plan.items.slice(0, plan.items.indexOf(item));
  const boot = before.findLastIndex(({ step }) => step.kind === 'activation' && step.boots && steps[step.id]?.phase !== 'skipped');
  return before
    .slice(boot + 1)
    .filter(({ bracket, step }) => bracket === item.bracket && step.kind === 'gate' && steps[step.id]?.phase === 'verified');
};

/**
 * Before a step acts on the strength of proofs: evidence of an earlier boot never counts, so what was seen on one is asked again.
 *
 * @returns whether there is such evidence
 * @throws ConnectionError when the node cannot tell on which boot it is
 */
export const isStale = async (hold: Hold, plan: Plan, item: PlanItem, seen: Seen): Promise<boolean> => {
  const { session } = hold;
  const gates = vouching(hold, plan, item);
  if (gates.length === 0 || !session.world.node) return false;
  await session.hello();
  const here = seen.bootId ?? (await bootNow(session.world, { signal: session.assignment.signal, timeoutMs: LOOK_MS }));
  const { steps } = session.run();
  const old = gates.filter(({ step }) => steps[step.id]?.bootId !== undefined && steps[step.id]?.bootId !== here);
  for (const { step } of old) {
    const state = steps[step.id];
    const before = state?.before ?? state?.after ?? null;
    const unmet = ['the node has booted since this was seen'];
    await session.append({ type: 'step.started', step: step.id, attempt: (state?.attempt ?? 0) + 1, before, unmet });
  }
  if (old.length > 0) hold.ready.clear();
  return old.length > 0;
};
