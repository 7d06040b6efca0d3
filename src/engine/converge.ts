import { isQuiet } from '../core/action.ts';
import type { DroverError } from '../core/error.ts';
import type { Json } from '../core/json.ts';
import { hasOpenedBehind, heldOpen } from '../core/next.ts';
import type { Plan, PlanItem } from '../core/plan.ts';
import { isSettled } from '../core/reduce.ts';
import { showVerdict } from '../core/verdict.ts';
import { type Acted, type Acting, act } from './act.ts';
import { contested } from './contested.ts';
import { isStale } from './evidence.ts';
import { underGuard } from './guard.ts';
import { type Hold, contextOf, guarded, lookAt, unpark, waitOrFail } from './hold.ts';
import { type Seen, bootOf } from './look.ts';
import { isTooSoon } from './resend.ts';
import { takeUp } from './take-up.ts';
import { bootVerdict, noteBooted, noteWaiting } from './verdicts.ts';
import type { Ended } from './world.ts';

/** How far ahead a first look goes. */
const AHEAD = 40;
/** Narrows the item itself: its place in the plan is found by identity, so a copy of it would stand nowhere. */
const acts = (item: PlanItem): item is Acting => item.step.kind !== 'gate';

/** What still has to be done behind a step, in order. */
const behind = (hold: Hold, plan: Plan, item: PlanItem): readonly PlanItem[] => {
  const { steps } = hold.session.run();
  return plan.items.slice(plan.items.indexOf(item) + 1).filter(({ step }) => !isSettled(steps[step.id]));
};

/** Whether what is done now belongs to the attempt that has begun: evictions are asked for until the pods have gone, and that is one attempt. */
const goesOn = ({ session }: Hold, plan: Plan, item: Acting, seen: Seen): boolean => {
  const state = session.run().steps[item.step.id];
  if (state?.phase !== 'started') return false;
  return item.step.apply(seen.state, contextOf(session, plan, item), state.before).every(isQuiet);
};

/** Begins, or begins again, a step that acts: `step.started` first, then the actions. */
const actOn = async (
  hold: Hold,
  plan: Plan,
  item: Acting,
  seen: Seen,
  unmet: readonly string[],
  lookedAt: number,
): Promise<Ended | undefined> => {
  const { session } = hold;
  const { step } = item;
  const state = session.run().steps[step.id];
  const asked = state?.asked !== undefined;
  if (await isStale(hold, plan, item, seen)) return undefined;
  const guarding = await underGuard(hold, plan, item, seen, lookedAt);
  if (guarding !== undefined) return guarding === 'again' ? undefined : guarding;
  if (state && (await isTooSoon(hold, step, state, lookedAt))) return waitOrFail(hold, item, unmet, lookedAt, { state: seen.state });
  if ((!asked || state.phase === 'pending') && !goesOn(hold, plan, item, seen)) {
    await session.append({
      type: 'step.started',
      step: step.id,
      attempt: (state?.attempt ?? 0) + 1,
      before: seen.state,
      unmet,
      ...bootOf(seen),
    });
  }
  const beganAt = session.world.clock.now();
  const acted = await act(hold, plan, item, seen, behind(hold, plan, item)[0]);
  switch (acted.kind) {
    case 'done':
      await session.append({ type: 'step.applied', step: step.id, durationMs: session.world.clock.now() - beganAt, ...bootOf(seen) });
      return undefined;
    case 'asked':
      return waitOrFail(hold, item, unmet, lookedAt, { state: seen.state });
    case 'pending': {
      const { why, againInMs } = acted;
      return waitOrFail(hold, item, why.length > 0 ? why : unmet, lookedAt, { state: seen.state, againInMs });
    }
    case 'unknown':
    case 'absent':
      await session.append({ type: 'step.unknown', step: step.id, why: acted.why });
      return undefined;
    case 'stale':
      return waitOrFail(hold, item, [acted.why], lookedAt);
    case 'replaced':
      return { kind: 'replaced', why: acted.why, nodeFence: acted.nodeFence };
    case 'refused':
      return refused(hold, plan, item, acted.error, seen.state);
  }
};

/** An action was refused or ended badly: a look decides whether the wish holds all the same; if not, this is the reason. */
const refused = async (hold: Hold, plan: Plan, item: PlanItem, error: DroverError, before: Json): Promise<Ended | undefined> => {
  const { session } = hold;
  const { step } = item;
  const lookedAt = session.world.clock.now();
  const [seen] = await lookAt(hold, plan, [item]);
  if (!seen) return undefined;
  const sticky = session.run().steps[step.id]?.before ?? before;
  const unmet = step.unmet(seen.state, sticky, contextOf(hold.session, plan, item));
  if (unmet.length === 0) return undefined;
  if (error.transient) return waitOrFail(hold, item, [error.message], lookedAt, { error });
  await session.append({ type: 'step.failed', step: step.id, unmet: [error.message, ...unmet], error: error.toJSON() });
  return undefined;
};

/** Opened steps that somebody undid meanwhile are started again; says whether there was one. */
const reopenHeld = async (hold: Hold, plan: Plan, held: readonly PlanItem[], seen: readonly Seen[]): Promise<boolean> => {
  const { session } = hold;
  for (const [index, item] of held.entries()) {
    const one = seen[index];
    const { step } = item;
    const state = session.run().steps[step.id];
    // what drover found in place is not its own to keep so; but a node that had no pods has some to drain when they have come since. One that was not
    // looked at, because nothing inside had to be done, has null there, and gets its turn
    const before = state?.before ?? (step.kind === 'change' && step.fleeting === true ? (state?.after ?? undefined) : undefined);
    if (!one || !state || before === undefined) continue;
    const unmet = step.unmet(one.state, before, contextOf(session, plan, item));
    if (unmet.length === 0) continue;
    await session.append({
      type: 'step.started',
      step: step.id,
      attempt: state.attempt + 1,
      before,
      unmet,
      ...bootOf(one),
    });
    return true;
  }
  return false;
};

/** Looks at a step for the first time in this plan. */
export const check = async (hold: Hold, plan: Plan, forward: Plan, item: PlanItem): Promise<Ended | undefined> =>
  guarded(hold, item, async (lookedAt) => {
    const { session } = hold;
    const { step } = item;
    const held = hold.recheck || step.kind === 'activation' ? heldOpen(plan, item, session.run()) : [];
    const [seen, ...others] = await lookAt(hold, plan, [item, ...held], hold.untouched ? behind(hold, plan, item).slice(0, AHEAD) : []);
    if (!seen) return undefined;
    await unpark(hold, 'the node answers');
    hold.recheck = hasOpenedBehind(plan, item, session.run());
    if (await reopenHeld(hold, plan, held, others)) return undefined;
    const ctx = contextOf(session, plan, item);
    const before = session.run().steps[step.id]?.before;
    // a reboot's own `before` is of an earlier attempt: the first look of this one is its baseline
    const unmet = step.unmet(seen.state, step.kind === 'activation' ? seen.state : (before ?? seen.state), ctx);
    if (unmet.length === 0) {
      const type = step.kind === 'gate' ? 'verified' : before !== undefined ? 'adopted' : 'skipped';
      if (type === 'verified') await session.append({ type: 'step.verified', step: step.id, after: seen.state, ...bootOf(seen) });
      else await session.append({ type: `step.${type}`, step: step.id, state: seen.state, ...bootOf(seen) });
      return undefined;
    }
    if (!acts(item)) {
      await session.append({
        type: 'step.started',
        step: step.id,
        attempt: (session.run().steps[step.id]?.attempt ?? 0) + 1,
        before: seen.state,
        unmet,
        ...bootOf(seen),
      });
      return waitOrFail(hold, item, unmet, lookedAt, { state: seen.state });
    }
    const foreign = contested(hold, plan, forward, item, seen);
    const answer = session.run().answers[step.id];
    if (foreign !== undefined && answer === 'keep') {
      await session.append({ type: 'step.skipped', step: step.id, state: seen.state, reason: 'a person said: keep it', ...bootOf(seen) });
      return undefined;
    }
    if (foreign !== undefined && answer !== 'overwrite') {
      if (session.run().parked !== foreign) await session.append({ type: 'node.parked', waitsFor: foreign, clears: 'by-word' });
      return { kind: 'waiting', waitsFor: foreign, wakeInMs: null };
    }
    return actOn(hold, plan, item, seen, unmet, lookedAt);
  });

/** Looks at a step that has started, after what is still at work for it has ended: met means verified; otherwise waits, or acts again where the last action may not have arrived. */
export const settle = async (hold: Hold, plan: Plan, item: PlanItem, before: Json, applied: boolean): Promise<Ended | undefined> =>
  guarded(hold, item, async (lookedAt) => {
    const { session } = hold;
    const { step } = item;
    const left = applied || !acts(item) ? undefined : await takeUp(hold, plan, item);
    const ended = left && (await tookUp(hold, item, left, lookedAt));
    if (ended !== undefined) return ended === 'again' ? undefined : ended;
    const since = left === undefined ? lookedAt : session.world.clock.now();
    const held = hold.recheck ? heldOpen(plan, item, session.run()) : [];
    const [seen, ...others] = await lookAt(hold, plan, [item, ...held]);
    if (!seen) return undefined;
    hold.recheck = hasOpenedBehind(plan, item, session.run());
    if (await reopenHeld(hold, plan, held, others)) return undefined;
    const unmet = step.unmet(seen.state, before, contextOf(session, plan, item));
    const verdict = bootVerdict(hold, plan, item, seen);
    if (unmet.length === 0) {
      await unpark(hold, session.run().steps[step.id]?.asked === undefined ? 'the node answers' : 'the world shows it');
      if (verdict) await noteBooted(hold, plan, item, verdict);
      await session.append({
        type: 'step.verified',
        step: step.id,
        after: seen.state,
        ...bootOf(seen),
        ...(verdict !== undefined && { verdict: showVerdict(verdict, session.run().guard !== undefined) }),
      });
      hold.pollMs = 150;
      return undefined;
    }
    if (verdict?.verdict === 'not-rebooted') await noteWaiting(hold, item, verdict);
    if (left?.kind === 'refused' && !left.error.transient) {
      await session.append({ type: 'step.failed', step: step.id, unmet: [left.error.message, ...unmet], error: left.error.toJSON() });
      return undefined;
    }
    if (applied || !acts(item)) return waitOrFail(hold, item, unmet, since, { state: seen.state });
    return actOn(hold, plan, item, seen, unmet, since);
  });

/** What follows from a command that was taken up: `again` another turn, undefined a look. */
const tookUp = async (hold: Hold, item: PlanItem, left: Acted, lookedAt: number): Promise<Ended | 'again' | undefined> => {
  const { session } = hold;
  const { step } = item;
  const state = session.run().steps[step.id];
  switch (left.kind) {
    case 'done':
      await session.append({
        type: 'step.applied',
        step: step.id,
        durationMs: session.world.clock.now() - (state?.actedAt ?? lookedAt),
        ...(state?.appliedOn !== undefined && { bootId: state.appliedOn }),
      });
      return 'again';
    case 'unknown':
      if (state?.phase !== 'unknown') await session.append({ type: 'step.unknown', step: step.id, why: left.why });
      return 'again';
    case 'stale':
      return (await waitOrFail(hold, item, [left.why], lookedAt)) ?? 'again';
    case 'replaced':
      return { kind: 'replaced', why: left.why, nodeFence: left.nodeFence };
    case 'refused':
    case 'absent':
    case 'asked':
    case 'pending':
      return undefined;
  }
};
