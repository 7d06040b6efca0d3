import { ConnectionError, DroverError, UnmetError, isAboutWork } from '../core/error.ts';
import { showMs } from '../core/duration.ts';
import type { Json } from '../core/json.ts';
import type { Plan, PlanItem } from '../core/plan.ts';
import type { Fact } from '../core/fact.ts';
import { awaiting } from '../core/next.ts';
import { type StepState, isSettled } from '../core/reduce.ts';
import { type Step, type StepContext, withinMs } from '../core/step.ts';
import { showVerdict } from '../core/verdict.ts';
import { LOOK_MS, type Session } from './session.ts';
import { type Seen, look } from './look.ts';
import { awayVerdict, noteWaiting } from './verdicts.ts';
import type { Ended } from './world.ts';

/** What one hold remembers between two turns of the loop; nothing that would be lost matters. */
export type Hold = {
  readonly session: Session;
  /** Epoch ms until which this hold may poll. */
  readonly until: number;
  /** Looks that are still fresh: nothing was done and no time was waited since. */
  readonly ready: Map<string, Seen>;
  /** Nothing has been done in this hold yet: looking far ahead pays. */
  untouched: boolean;
  /** The opened steps have to be looked at before anything inside goes on. */
  recheck: boolean;
  /** The last look got an answer from the node. */
  answered: boolean;
  /** The guard on the node has been told in this hold that drover is there, or asked whether it is one that has to end. */
  greeted: boolean;
  /** Grows while nothing changes. */
  pollMs: number;
};

const POLL_MS = 150;
const MAX_POLL_MS = 1000;
/** How long a look may take while the node is expected to go away: longer, and its connection is as good as dead. */
const AWAY_LOOK_MS = 4000;
/** How long a node may be out of reach before a step that has not begun fails. */
const UNREACHABLE_MS = 5 * 60_000;

/** Begins a hold. */
export const beginHold = (session: Session): Hold => ({
  session,
  until: session.world.clock.now() + session.assignment.holdMs,
  ready: new Map(),
  untouched: true,
  recheck: true,
  answered: false,
  greeted: false,
  pollMs: POLL_MS,
});

const ofStep = (state: StepState | undefined): Pick<StepContext, 'answer' | 'startedAtMs' | 'blocked'> => ({
  ...(state?.blocked !== undefined && { blocked: state.blocked }),
  ...(state?.answer !== undefined && { answer: state.answer }),
  ...(state?.startedAt !== undefined && !isSettled(state) && { startedAtMs: state.startedAt }),
});

/** What a step may know at this point of its run. */
export const contextOf = (session: Session, plan: Plan, item: PlanItem): StepContext => ({
  runId: session.assignment.runId,
  direction: plan.direction === 'forward' ? 'forward' : 'back',
  node: session.assignment.node,
  answers: session.run().answers,
  ...(session.assignment.adopted && { adopted: session.assignment.adopted }),
  awaiting: awaiting(plan, item, session.run()),
  nowMs: session.world.clock.now(),
  ...ofStep(session.run().steps[item.step.id]),
});

const factOf = (hold: Hold, plan: Plan, item: PlanItem): Fact => item.step.observe(contextOf(hold.session, plan, item));

/** An activation that has started: the node may go away at any moment, and come back elsewhere. */
const isUnderWay = (session: Session, step: Step): boolean =>
  step.kind === 'activation' && session.run().steps[step.id]?.startedAt !== undefined;

/**
 * Looks at steps, from what is still fresh or in one exec; looks at `ahead` along with it, because a round trip costs more than a look.
 *
 * A look ahead that fails does not count: the steps themselves are then looked at alone.
 */
export const lookAt = async (
  hold: Hold,
  plan: Plan,
  items: readonly PlanItem[],
  ahead: readonly PlanItem[] = [],
): Promise<readonly Seen[]> => {
  const { session, ready } = hold;
  const missing = items.filter(({ step }) => !ready.has(step.id));
  if (missing.length > 0) {
    const away = items.some(({ step }) => isUnderWay(session, step));
    const options = { signal: session.assignment.signal, timeoutMs: away ? AWAY_LOOK_MS : LOOK_MS };
    const { node } = session.world;
    if (node) await session.hello();
    hold.answered = false;
    const more = ahead.filter(({ step }) => !ready.has(step.id) && !missing.some((item) => item.step.id === step.id));
    const all = [...missing, ...more];
    const seen = await look(
      session.world,
      all.map((item) => factOf(hold, plan, item)),
      options,
    ).catch((error: unknown) => {
      // a machine that was moved or powered off never closes its connection: the next look makes a new one, at any of its addresses
      if (away) node?.drop();
      if (more.length === 0) throw error;
      return look(
        session.world,
        missing.map((item) => factOf(hold, plan, item)),
        options,
      );
    });
    hold.answered = node !== null;
    seen.forEach((one, index) => {
      const item = all[index];
      if (item) ready.set(item.step.id, one);
    });
  }
  return items.map(({ step }) => {
    const seen = ready.get(step.id);
    if (!seen) throw new UnmetError(`step ${step.id} was not looked at`, { transient: true });
    return seen;
  });
};

const waitABit = async (hold: Hold): Promise<void> => {
  hold.ready.clear();
  hold.untouched = false;
  await hold.session.world.clock.sleep(hold.pollMs, hold.session.assignment.signal);
  hold.pollMs = Math.min(hold.pollMs * 2, MAX_POLL_MS);
};

/** Ends the hold when it may poll no longer, or the next look is only worth while in `againInMs`; otherwise waits a moment and goes on. */
export const yieldOrWait = async (hold: Hold, waitsFor: string, againInMs?: number): Promise<Ended | undefined> => {
  if (againInMs !== undefined) return { kind: 'waiting', waitsFor, wakeInMs: againInMs };
  if (hold.session.world.clock.now() >= hold.until) return { kind: 'waiting', waitsFor, wakeInMs: MAX_POLL_MS };
  await waitABit(hold);
  return undefined;
};

/** The node answers again, or the world shows what was waited for. */
export const unpark = async ({ session }: Hold, by: string): Promise<void> => {
  const { parked, paused } = session.run();
  if (parked !== undefined && !paused) await session.append({ type: 'node.resumed', by });
};

/** Nothing more can be done before the node answers: says so, once, and tries again. */
export const outOfReach = async (hold: Hold, error: ConnectionError): Promise<Ended | undefined> => {
  const { session } = hold;
  if (session.run().parked === undefined)
    await session.append({ type: 'node.parked', waitsFor: error.message, clears: 'by-itself', unreachable: true });
  return yieldOrWait(hold, error.message);
};

/** A step is not as wished yet: waits, within its bound, or fails it with the words of the last look. `lookedAt` is when that look began. */
export const waitOrFail = async (
  hold: Hold,
  item: PlanItem,
  unmet: readonly string[],
  lookedAt: number,
  cause: { readonly state?: Json; readonly error?: DroverError; readonly againInMs?: number | undefined } = {},
): Promise<Ended | undefined> => {
  const { session } = hold;
  const { step } = item;
  const state = session.run().steps[step.id];
  const bound = withinMs(step, state?.asked !== undefined);
  const deadline = (state?.startedAt ?? lookedAt) + bound;
  if (lookedAt < deadline) return yieldOrWait(hold, unmet.join('; '), cause.againInMs);
  const node = session.assignment.node.name;
  const error =
    cause.error ??
    new UnmetError(`${node}: ${step.title}: ${unmet.join('; ')}${bound > 0 ? `, not within ${showMs(bound)}` : ''}`, {
      detail: { unmet: [...unmet], ...(cause.state !== undefined && { last: cause.state }) },
    });
  await session.append({ type: 'step.failed', step: step.id, unmet, error: error.toJSON() });
  return undefined;
};

/**
 * A look failed. What is worth another try is tried within the step's bound; before a step has started, the node is parked meanwhile.
 *
 * While an activation is under way the node is expected to be away, and whoever else answers at its addresses is not the end of it.
 */
export const lookFailed = async (hold: Hold, item: PlanItem, error: DroverError, lookedAt: number): Promise<Ended | undefined> => {
  const { session } = hold;
  const { step } = item;
  const state = session.run().steps[step.id];
  const started = state?.startedAt !== undefined;
  const away =
    step.kind === 'activation' &&
    started &&
    error instanceof ConnectionError &&
    error.reason !== 'authentication' &&
    error.reason !== 'sudo';
  const verdict = error instanceof ConnectionError ? awayVerdict(error) : undefined;
  if (!error.transient && !away) {
    if (verdict) await noteWaiting(hold, item, verdict, lookedAt);
    await session.append({ type: 'step.failed', step: step.id, unmet: [error.message], error: error.toJSON() });
    return undefined;
  }
  if (away && verdict) {
    await noteWaiting(hold, item, verdict);
    return waitOrFail(hold, item, [`${session.assignment.node.name}: ${showVerdict(verdict)}`], lookedAt);
  }
  if (started) return waitOrFail(hold, item, [error.message], lookedAt, { error });
  const { parkedAt } = session.run();
  const unreachable = error instanceof ConnectionError;
  if (verdict) await noteWaiting(hold, item, verdict, (parkedAt ?? lookedAt) + UNREACHABLE_MS);
  if (parkedAt === undefined)
    await session.append({ type: 'node.parked', waitsFor: error.message, clears: 'by-itself', ...(unreachable && { unreachable }) });
  else if (lookedAt - parkedAt > UNREACHABLE_MS) {
    await session.append({ type: 'step.failed', step: step.id, unmet: [error.message], error: error.toJSON() });
    return undefined;
  }
  return yieldOrWait(hold, error.message);
};

/** Turns an expected failure of a look into waiting or failing; a bug in a step fails the step and says so. */
export const guarded = async (
  hold: Hold,
  item: PlanItem,
  turn: (lookedAt: number) => Promise<Ended | undefined>,
): Promise<Ended | undefined> => {
  const lookedAt = hold.session.world.clock.now();
  try {
    return await turn(lookedAt);
  } catch (error) {
    if (hold.session.assignment.signal.aborted) return { kind: 'stopped' };
    if (!isAboutWork(error)) throw error;
    return lookFailed(hold, item, error, lookedAt);
  }
};
