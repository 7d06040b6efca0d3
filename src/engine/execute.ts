import { CancelledError, ConnectionError, JournalConflictError, UsageError } from '../core/error.ts';
import { isJsonObject } from '../core/json.ts';
import { hasGoneBack, pendingControl } from '../core/controls.ts';
import { guardLeft } from '../core/guarded.ts';
import { invert } from '../core/invert.ts';
import { next } from '../core/next.ts';
import { type Outline, type Plan, outline, outlineDrift } from '../core/plan.ts';
import type { NodeRun } from '../core/reduce.ts';
import { assess } from './bracket.ts';
import { check, settle } from './converge.ts';
import { endOtherWay } from './guard-other-way.ts';
import { confirm, disarm, watchGuard } from './guard.ts';
import { type Herald, endTold, openHerald } from './herald.ts';
import { type Hold, beginHold } from './hold.ts';
import { begin, obey } from './obey.ts';
import { preflight } from './preflight.ts';
import { type Session, openSession } from './session.ts';
import type { Assignment, Ended, World } from './world.ts';

/** How long a node that must not be rolled back blind is left alone before it is tried again. */
const BLIND_MS = 10_000;

/** The way back from a state, and the plan that it inverts: while a hold waits, every turn asks. */
const ways = new WeakMap<NodeRun, { readonly forward: Plan; readonly back: Plan }>();
const back = ({ assignment, run }: Session): Plan => {
  const [state, forward] = [run(), assignment.plan];
  const known = ways.get(state);
  if (known?.forward === forward) return known.back;
  const made = invert(forward, state, assignment);
  ways.set(state, { forward, back: made });
  return made;
};

/** Parks the node with words, once, and ends the hold. */
const park = async (session: Session, waitsFor: string, wakeInMs: number | null, unreachable = false): Promise<Ended> => {
  const clears = wakeInMs === null ? 'by-word' : 'by-itself';
  if (session.run().parked !== waitsFor)
    await session.append({ type: 'node.parked', waitsFor, clears, ...(unreachable && { unreachable }) });
  return { kind: 'waiting', waitsFor, wakeInMs };
};

/** What was found for an outline and the plan that it was last held against: neither changes while a hold lasts, and every turn asks. */
const drifts = new WeakMap<Outline, { readonly plan: Plan; readonly drift: readonly string[] }>();
const driftOf = (was: Outline, plan: Plan): readonly string[] => {
  const known = drifts.get(was);
  if (known?.plan === plan) return known.drift;
  const drift = outlineDrift(was, outline(plan));
  drifts.set(was, { plan, drift });
  return drift;
};

/** A runbook that no longer is what this run began with goes forward no further; a rollback is never refused as a whole. */
const drifted = (session: Session): string | undefined => {
  const run = session.run();
  if (run.plan !== 'forward' || run.outcome !== undefined || run.outline === undefined) return undefined;
  const drift = driftOf(run.outline, session.assignment.plan);
  if (drift.length === 0) return undefined;
  const { runId, node } = session.assignment;
  return `PlanDriftError: the runbook is not what this run began with: ${drift.join('; ')}; put the old runbook back and say drover resume ${runId} ${node.name}, or take the node back with drover rollback ${runId} ${node.name}`;
};

/** Begins the way back by itself, but not blind: the node has to answer first. */
const beginBack = async (session: Session): Promise<Ended | undefined> => {
  try {
    const plan = back(session);
    if (session.world.node) await session.hello();
    await begin(
      session,
      plan,
      plan.items.map(({ step }) => step.id),
      { by: 'onFailure: rollback' },
    );
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return park(session, error.message, null);
    if (error instanceof ConnectionError) return park(session, `cannot be rolled back blind: ${error.message}`, BLIND_MS, true);
    throw error;
  }
};

const leftWords = (session: Session): { readonly why?: string } => {
  const why = guardLeft(session.run());
  return why === undefined ? {} : { why };
};

const turn = async (hold: Hold): Promise<Ended | undefined> => {
  const { session } = hold;
  const { assignment } = session;
  const records = await session.controls();
  const said = pendingControl(records, assignment.node.name, session.run());
  const admitted = assignment.admits(session.run());
  if (said && (admitted || said.type === 'cancel')) {
    const replaced = await obey(session, said, { forward: assignment.plan, back: () => back(session) });
    if (replaced) return replaced;
    hold.ready.clear();
    hold.recheck = true;
    hold.greeted = false;
    return undefined;
  }
  const run = session.run();
  // let in to begin once more, and that was taken back: it gives its place back
  if (admitted && assignment.inRounds === true && run.outcome !== undefined) {
    const why = 'it was to begin once more, and that was taken back';
    await session.append({ type: 'node.finished', outcome: run.outcome, why });
    return undefined;
  }
  if (run.outcome !== undefined) return { kind: 'finished', outcome: run.outcome };
  if (!admitted) {
    if (run.preflight === undefined) return preflight(hold, assignment.plan);
    return { kind: 'waiting', waitsFor: 'its turn in the run', wakeInMs: null };
  }
  if (run.paused) return { kind: 'waiting', waitsFor: run.parked ?? 'paused', wakeInMs: null };
  const drift = drifted(session);
  if (drift !== undefined) return park(session, drift, null);
  const plan = run.plan === 'rollback' ? back(session) : assignment.plan;
  await watchGuard(hold, plan);
  const replaced = await endOtherWay(hold, plan);
  if (replaced) return replaced;
  if (hasGoneBack(session.run())) return { kind: 'waiting', waitsFor: session.run().parked ?? 'a person', wakeInMs: null };
  const decision = next(plan, assignment.onFailure, session.run());
  switch (decision?.do) {
    case undefined:
      return undefined;
    case 'begin':
      hold.greeted = false;
      if (decision.plan === 'rollback') return beginBack(session);
      // what was said before a node began, and was not heard by then, is void
      await begin(session, plan, [], { by: assignment.by, heard: records.at(-1)?.id });
      return undefined;
    case 'assess':
      return assess(hold, plan, decision.bracket);
    case 'check':
      return check(hold, plan, assignment.plan, decision.item);
    case 'converge':
      return settle(hold, plan, decision.item, decision.before, false);
    case 'verify':
      return settle(hold, plan, decision.item, decision.before, true);
    case 'confirm':
      return confirm(hold, plan, decision.step);
    case 'disarm':
      return disarm(hold, plan, decision.step);
    case 'finish':
      await session.append({ type: 'node.finished', outcome: decision.outcome, ...leftWords(session) });
      return undefined;
  }
};

/** Looks anew after a moment, or as soon as people have been told. */
const lookAgain = async (hold: Hold, herald: Herald): Promise<void> => {
  const { assignment, world } = hold.session;
  hold.ready.clear();
  const over = new AbortController();
  await Promise.race([herald.arrived(), world.clock.sleep(hold.pollMs, AbortSignal.any([assignment.signal, over.signal]))]);
  // a reason of its own, because abort() without one makes an error with a stack
  over.abort('the wait is over');
};

/**
 * Works on one node until it ends, has to wait, or somebody newer has it: fold, decide, perform, append, again.
 *
 * Crash-safe at every point: the next hold, by any worker with the same runbooks, goes on from the journal.
 *
 * @throws RedisError when the journal cannot be reached; ClusterError never: it becomes a reason to wait or to fail
 */
export const execute = async (assignment: Assignment, world: World): Promise<Ended> => {
  try {
    const session = await openSession(assignment, world);
    const [hold, herald] = [beginHold(session), openHerald(session)];
    for (;;) {
      if (assignment.signal.aborted || assignment.leaving?.aborted === true) return await endTold(herald, { kind: 'stopped' });
      await herald.turn();
      const ended = await turn(hold);
      if (!ended) continue;
      if (ended.kind !== 'waiting' || !herald.busy()) return await endTold(herald, ended);
      // while people are being told, the node is looked at as before: it may go on meanwhile
      await lookAgain(hold, herald);
    }
  } catch (error) {
    const ended = error instanceof CancelledError || error instanceof JournalConflictError;
    if (ended && assignment.signal.aborted) return { kind: 'stopped' };
    if (error instanceof JournalConflictError) {
      const nodeFence = isJsonObject(error.detail) ? error.detail['nodeFence'] : undefined;
      return { kind: 'replaced', why: error.message, ...(typeof nodeFence === 'number' && { nodeFence }) };
    }
    throw error;
  }
};
