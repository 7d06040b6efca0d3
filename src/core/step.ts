import type { Action } from './action.ts';
import type { Blocked } from './blocked.ts';
import type { Move } from './deadman.ts';
import { type Duration, durationMs } from './duration.ts';
import type { Fact } from './fact.ts';
import type { Json } from './json.ts';
import type { Node } from './node.ts';

/**
 * A boot-effective change that stands before an activation in the plan.
 *
 * `appliedOn` is the boot on which this attempt applied it; null when it was found in place, so that only its proof can tell whether it has
 * taken effect. `moves`: it changes where the node answers.
 */
export type Awaiting = { readonly step: string; readonly appliedOn: string | null; readonly proof?: Gate; readonly moves?: boolean };

/** What a step may know besides the state of its fact. */
export type StepContext = {
  readonly runId: string;
  /** `back` while a rollback runs: a person is then told where to move the VM back to. */
  readonly direction: 'forward' | 'back';
  /** The node; for steps that run once for the run it is `runNode`, which has no addresses. */
  readonly node: Node;
  /** What people answered in this run, by step id. */
  readonly answers: Readonly<Record<string, Json>>;
  /** What people answered to this step since it began in the plan that runs: an answer before a replay is none. */
  readonly answer?: Json;
  /** Epoch ms of the moment that is judged; absent where a plan is only laid out. */
  readonly nowMs?: number;
  /** Epoch ms since when the step's `within` counts; absent before it has begun. */
  readonly startedAtMs?: number;
  /** Who keeps the step from going on, and since when, as far as that stands in the journal. */
  readonly blocked?: readonly Blocked[];
  /** The run takes nodes over that were half-way when it began. */
  readonly adopted?: true;
  /** The boot-effective changes of this plan that stand before this step. */
  readonly awaiting: readonly Awaiting[];
};

/** What a plan tells besides, in words that refuse nothing: how it is likely to go. Looked at only where a plan is shown, so it may cost more. */
export type Outlook<S extends Json = Json> = { observe(ctx: StepContext): Fact<S>; words(state: S, ctx: StepContext): readonly string[] };

/** What all steps have: a look, and what of it is not as wished. */
export type StepBase<S extends Json = Json> = {
  /** Hand-written or derived from the wish (`file:/etc/…`); the journal's key. */
  readonly id: string;
  readonly title: string;
  /** What is wished, hashed into the plan's fingerprint: a file's hash, package names, an address. */
  readonly wish: Json;
  /** How long the wish may take to hold, from `step.started`; a step never fails without a fresh look after it. */
  readonly within?: Duration;
  observe(ctx: StepContext): Fact<S>;
  /**
   * What still differs from the wish, in words a person can act on; empty means met.
   *
   * The check is `unmet(now, now)`, the verification `unmet(now, before)`: one predicate, so they cannot drift apart.
   */
  unmet(now: S, before: S, ctx: StepContext): readonly string[];
  /**
   * What still differs from `before` on the way back. A change without it is back when its state equals `before`; a gate without it is not
   * asked on the way back.
   */
  restored?(now: S, before: S, ctx: StepContext): readonly string[];
  readonly outlook?: Outlook;
  /** Its state changes by itself all the time: who approves a plan approves the wish, whatever has to be done for it by then. */
  readonly fleeting?: true;
  /**
   * What it is to the cluster, for who checks a plan: it keeps new pods away from the node, lets them in again, or asserts that the cluster sees
   * the node Ready on the boot that runs.
   */
  readonly means?: 'cordon' | 'uncordon' | 'ready';
  /** A person may be asked by it. */
  readonly asks?: true;
};

/** Asserts, never acts. Gates that stand before the first change are preflight: all nodes pass them before any node is touched. */
export type Gate<S extends Json = Json> = StepBase<S> & { readonly kind: 'gate' };

/** Changes something and knows its inverse. */
export type Change<S extends Json = Json> = StepBase<S> & {
  readonly kind: 'change';
  /** `reload`: when an activation behind it brings it up, whether that boots the node or not. */
  readonly takesEffect?: 'now' | 'reload' | 'boot';
  /** Where the node will answer once this takes effect: a candidate address from now on. */
  readonly moves?: {
    readonly to: string;
    /** The move as the guard on the node has to know it; undefined where what was there before cannot be told. */
    guarded?(before: S): Move | undefined;
  };
  /** Files besides the connection that it changes: the guard on the node puts them back as well. */
  readonly files?: readonly string[];
  /** An opened step that must hold until the bracket closes, also after a boot inside it (a cordon does, a stopped kubelet does not). */
  readonly outlivesBoot?: boolean;
  /** `before` is what was there at first; absent while a plan is only shown. */
  apply(now: S, ctx: StepContext, before?: S): readonly Action[];
  /** `now` is the state at the moment of acting, absent while a rollback is only planned: what is written as a compare-and-set needs it. */
  rollback(before: S, ctx: StepContext, now?: S): readonly Action[] | 'impossible';
  /** What must be seen behind its activation (for `boot`, on a *later boot*) for this change to count. A runbook that never gets there does not load. */
  readonly proof?: Gate;
};

/** When a change takes effect; what does not take effect at once has to be proven, because to be configured is not to be in effect. */
export type Effect =
  { readonly takesEffect?: 'now'; readonly proof?: Gate } | { readonly takesEffect: 'reload' | 'boot'; readonly proof: Gate };

/** Makes changes take effect and is its own inverse: a reboot. Proofs run after the next one that `boots`. */
export type Activation<S extends Json = Json> = StepBase<S> & {
  readonly kind: 'activation';
  readonly boots: boolean;
  apply(now: S, ctx: StepContext, before?: S): readonly Action[];
  /** How long the node waits for a confirmation after the boot before its guard takes the address move back. */
  readonly deadman?: Duration;
};

/** One wish with its way there and back. */
export type Step<S extends Json = Json> = Gate<S> | Change<S> | Activation<S>;

const DEFAULT_CHANGE_MS = 60_000;
const DEFAULT_ACTIVATION_MS = 15 * 60_000;
const DEFAULT_PERSON_MS = 24 * 3_600_000;

/** How long a step may take, from when it started; `asked` when a person was asked to do it. A gate without a bound has no time at all. */
export const withinMs = ({ kind, within }: Pick<Step, 'kind' | 'within'>, asked: boolean): number => {
  if (within !== undefined) return durationMs(within);
  if (asked) return DEFAULT_PERSON_MS;
  return kind === 'gate' ? 0 : kind === 'activation' ? DEFAULT_ACTIVATION_MS : DEFAULT_CHANGE_MS;
};

/** Builds a gate. */
export const gate = <S extends Json>(step: Omit<Gate<S>, 'kind'>): Gate => ({ kind: 'gate', ...step });
/** Builds a change. */
export const change = <S extends Json>(step: Omit<Change<S>, 'kind' | keyof Effect> & Effect): Change => ({ kind: 'change', ...step });
/** Builds an activation. */
export const activation = <S extends Json>(step: Omit<Activation<S>, 'kind'>): Activation => ({ kind: 'activation', ...step });

/** Brackets what disturbs the node's work: opens only if something inside is unmet or unproven on this boot. */
export type Disruption = {
  readonly kind: 'disruption';
  readonly open: readonly Change[];
  readonly inner: readonly Step[];
  readonly close: readonly Step[];
};
/** Builds a bracket. Its `open` steps are undone in reverse order on the way back, after everything inside. */
export const disruption = (parts: Omit<Disruption, 'kind'>): Disruption => ({ kind: 'disruption', ...parts });
