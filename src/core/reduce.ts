import { askedBy } from './asked.ts';
import { type Kept, blockedBy } from './blocked.ts';
import { type ArmedGuard, withGuard } from './guard-events.ts';
import type { ErrorData } from './error.ts';
import type { NodeEvent, Outcome, RunOutcome, RunSpec } from './event.ts';
import type { Json } from './json.ts';
import type { Identity } from './node.ts';
import type { Direction, Outline } from './plan.ts';
import { isOfRun, withRun } from './run-events.ts';
import { type Told, toldBy } from './told.ts';
import { UNDO, isUndo } from './undo.ts';
import type { Found } from './way-out.ts';

/** How far a step has come. `pending` is only seen on a step that a replay opened again. */
export type Phase = 'pending' | 'skipped' | 'started' | 'applied' | 'unknown' | 'verified' | 'adopted' | 'failed';

/** What the journal knows of a step. */
export type StepState = Kept & {
  readonly phase: Phase;
  /** What was there before the first action of this run; kept until its undo is verified. Absent: nothing was ever started. */
  readonly before?: Json;
  /** What was there before the first action of the latest attempt: an activation is judged by this, because it is not restored but repeated. */
  readonly baseline?: Json;
  /** The state it was last seen in as wished: the evidence. */
  readonly after?: Json;
  /** The boot on which it was seen as wished. */
  readonly bootId?: string;
  /** Counts `step.started`; 0 when nothing was started. */
  readonly attempt: number;
  /** The boot on which it was last applied, or may have been. */
  readonly appliedOn?: string;
  /** `appliedOn` belongs to the plan that runs now, not to one before a replay. */
  readonly appliedInThisPlan: boolean;
  /** Epoch ms of the first `step.started` of this plan, or since it last held: `within` counts from here. */
  readonly startedAt?: number;
  /** Epoch ms of the last `step.started`: when something was last sent. */
  readonly actedAt?: number;
  readonly endedAt?: number;
  readonly unmet?: readonly string[];
  readonly error?: ErrorData;
};

/** What the journal knows of one node in one run; for the run's own stream, of the run as well. */
export type NodeRun = {
  readonly seq: number;
  readonly plan?: Direction;
  readonly fingerprint?: string;
  /** The outline of the forward plan that was last started. */
  readonly outline?: Outline;
  readonly steps: Readonly<Record<string, StepState>>;
  /** States of a bracket's gates and proofs from when it opened, by step id. */
  readonly bracketBefore: Readonly<Record<string, Json>>;
  readonly openBrackets: readonly string[];
  readonly answers: Readonly<Record<string, Json>>;
  readonly identity?: Identity;
  /** The guard on the node, while it is armed: for which activation, on which boot, and how often it had gone back by then. */
  readonly guard?: ArmedGuard;
  /** Where it was last found while an activation was under way, since epoch ms. */
  readonly found?: Found & { readonly at: number };
  /** The address it last answered at. */
  readonly address?: string;
  readonly parked?: string;
  readonly parkedAt?: number;
  /** Parked, and nothing but what a person says wakes it. */
  readonly stuck: boolean;
  readonly paused: boolean;
  /** Parked because nothing that is the node answers. */
  readonly unreachable: boolean;
  /** What the gates before the first change said, while nothing was touched yet; empty when they held. */
  readonly preflight?: readonly string[];
  /** How often the node has ended: a replay goes into the next round, and every round has to be admitted. */
  readonly round: number;
  readonly outcome?: Outcome;
  /** The id of the last control record that was acted on. */
  readonly control?: string;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly spec?: RunSpec;
  readonly halted?: string;
  readonly haltedAt?: number;
  /** What people were last told, where somebody is to be told. */
  readonly told?: Told;
  /** How the run as a whole ended; `outcome` in this stream is that of the steps that run once. */
  readonly runOutcome?: RunOutcome;
  readonly runEndedAt?: number;
  /** The round in which each node may act, by node. */
  readonly admitted: Readonly<Record<string, number>>;
  /** How long the canaries have to stay healthy, epoch ms. */
  readonly soakUntil?: number;
  /** Canaries that turned unhealthy while they soaked: why, and when, epoch ms. */
  readonly unhealthy: Readonly<Record<string, { readonly why: string; readonly at: number }>>;
  /** Epoch ms of the last event. */
  readonly at: number;
};

/** A node before its first event. */
export const emptyRun: NodeRun = {
  seq: 0,
  steps: {},
  bracketBefore: {},
  openBrackets: [],
  answers: {},
  paused: false,
  stuck: false,
  unreachable: false,
  round: 0,
  admitted: {},
  unhealthy: {},
  at: 0,
};

const awake = { paused: false, stuck: false, unreachable: false } as const;
const fresh: StepState = { phase: 'pending', attempt: 0, appliedInThisPlan: false };
/** A step as a new plan finds it: not looked at, but with what it had found before. */
const reopened = (state: StepState): StepState => ({
  phase: 'pending',
  attempt: state.attempt,
  appliedInThisPlan: false,
  ...(state.before !== undefined && { before: state.before }),
  ...(state.appliedOn !== undefined && { appliedOn: state.appliedOn }),
});

const settledPhases: readonly Phase[] = ['skipped', 'verified', 'adopted'];
/** Whether a step needs nothing more in the plan that runs. */
export const isSettled = (state: StepState | undefined): boolean => state !== undefined && settledPhases.includes(state.phase);

/** The steps as a new plan finds them: what a verified undo has taken back forgets its `before`, and a forward plan forgets all undos. */
const replanned = (run: NodeRun, plan: Direction, reset: readonly string[]): Readonly<Record<string, StepState>> =>
  Object.fromEntries(
    Object.entries(run.steps).flatMap(([id, state]): [string, StepState][] => {
      if (plan === 'forward' && isUndo(id)) return [];
      if (plan === 'forward' && isSettled(run.steps[UNDO + id])) return [];
      return [[id, reset.includes(id) ? reopened(state) : { ...state, appliedInThisPlan: false }]];
    }),
  );

/** Folds one event into what is known. Total: an event of a newer version that it does not know changes only `seq`. */
export const reduce = (run: NodeRun, event: NodeEvent): NodeRun => {
  const base: NodeRun = { ...run, seq: event.seq, at: event.at };
  if (isOfRun(event)) return withRun(base, event);
  const control = 'control' in event && event.control !== undefined ? { control: event.control } : {};
  const set = (step: string, change: Partial<StepState>): NodeRun => {
    const steps: Record<string, StepState> = { ...run.steps };
    steps[step] = Object.assign({}, run.steps[step] ?? fresh, change);
    return Object.assign(base, control, { steps });
  };
  const boot = 'bootId' in event && event.bootId !== undefined ? { bootId: event.bootId } : {};
  switch (event.type) {
    case 'plan.started': {
      const {
        outcome: _outcome,
        endedAt: _endedAt,
        parked: _parked,
        parkedAt: _parkedAt,
        halted: _halted,
        haltedAt: _haltedAt,
        ...open
      } = base;
      const steps = replanned(run, event.plan, event.reset);
      return {
        ...open,
        ...(event.heard !== undefined && { control: event.heard }),
        ...control,
        steps,
        plan: event.plan,
        ...awake,
        fingerprint: event.fingerprint,
        ...(event.plan === 'forward' ? { outline: event.outline } : {}),
        startedAt: run.startedAt ?? event.at,
        openBrackets: event.plan === 'rollback' || event.reset.length > 0 ? [] : run.openBrackets,
      };
    }
    case 'bracket.opened':
      // what the gates saw the first time is what the way back has to reach, however often the bracket opens
      return { ...base, openBrackets: [...run.openBrackets, event.bracket], bracketBefore: { ...event.before, ...run.bracketBefore } };
    case 'step.skipped':
      return set(event.step, { phase: 'skipped', after: event.state, endedAt: event.at, ...boot });
    case 'step.started': {
      const known = run.steps[event.step];
      return set(event.step, {
        phase: 'started',
        before: known?.before === undefined ? event.before : known.before,
        baseline: event.before,
        attempt: event.attempt,
        // what had held and is done once more has its time again
        startedAt: isSettled(known) ? event.at : (known?.startedAt ?? event.at),
        actedAt: event.at,
        appliedInThisPlan: true,
        ...(event.bootId !== undefined && { appliedOn: event.bootId }),
      });
    }
    case 'step.applied':
      return set(event.step, { phase: 'applied', ...(event.bootId !== undefined && { appliedOn: event.bootId }) });
    case 'step.unknown':
      return set(event.step, { phase: 'unknown' });
    case 'step.blocked':
      return set(event.step, { blocked: blockedBy(run.steps[event.step]?.blocked, event) });
    case 'step.asked':
      return set(event.step, { asked: askedBy(event), blocked: [] }); // who thinks about it is kept by nobody else
    case 'step.answered':
      return { ...set(event.step, { answer: event.answer }), answers: { ...run.answers, [event.step]: event.answer } };
    case 'step.adopted':
      return set(event.step, { phase: 'adopted', after: event.state, endedAt: event.at, ...boot });
    case 'step.verified':
      return set(event.step, { phase: 'verified', after: event.after, endedAt: event.at, ...boot });
    case 'step.failed':
      return set(event.step, { phase: 'failed', unmet: event.unmet, error: event.error, endedAt: event.at });
    case 'node.identified':
      return { ...base, identity: event.identity, address: event.address };
    case 'node.preflighted':
      return { ...base, preflight: event.unmet };
    case 'node.addressed':
      return { ...base, address: event.address };
    case 'node.parked':
      return {
        ...base,
        ...control,
        parked: event.waitsFor,
        parkedAt: event.at,
        stuck: event.clears === 'by-word',
        paused: event.control !== undefined,
        unreachable: event.unreachable === true,
      };
    case 'node.resumed': {
      const { parked: _parked, parkedAt: _parkedAt, ...rest } = base;
      return { ...rest, ...control, ...awake };
    }
    case 'node.verdict':
      return { ...base, found: event };
    case 'guard.arming':
    case 'guard.armed':
    case 'guard.confirmed':
    case 'guard.disarmed':
    case 'guard.reverted':
      return withGuard(base, event, reopened);
    case 'node.finished': {
      const { parked: _parked, parkedAt: _parkedAt, ...rest } = base;
      return { ...rest, ...control, ...awake, round: run.round + 1, outcome: event.outcome, endedAt: event.at };
    }
    case 'notice.sent':
      return { ...base, at: run.at, told: toldBy(run.told, event) }; // nothing has happened to the node
    default:
      // of a newer version: the types name all that this one knows
      return base;
  }
};

/** Folds a whole stream. */
export const fold = (events: readonly NodeEvent[]): NodeRun => events.reduce(reduce, emptyRun);
