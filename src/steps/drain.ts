import type { Action } from '../core/action.ts';
import { count } from '../core/count.ts';
import type { Duration } from '../core/duration.ts';
import { durationMs } from '../core/duration.ts';
import { type Blocker, type Eviction, podName, twoBudgets } from '../core/eviction.ts';
import { REOPEN } from '../core/undo.ts';
import { type Change, type Gate, type StepContext, change, gate } from '../core/step.ts';
import { type DrainPod, type PodsToDrain, podsToDrain } from '../facts/pods-to-drain.ts';
import { drainOutlook } from './drain-outlook.ts';
import { type DrainFilters, type Fate, fateOf, heldBy, jobWords } from './drain-filters.ts';
import { KILL, JOBS_ENDED } from './jobs-ended.ts';

/** How a node is drained; the words are kubectl's. */
export type DrainOptions = DrainFilters & {
  /** How long it may take, all in all; 15m unless set. There is no endless drain. */
  readonly timeout?: Duration;
  /** How long each pod has to end, at once with `0s`; its own time unless set. */
  readonly gracePeriod?: Duration;
  /** Delete pods instead of evicting them: their PodDisruptionBudgets do not count. */
  readonly disableEviction?: boolean;
  /** Only pods that this label selector chooses, e.g. `app!=registry`. */
  readonly podSelector?: string;
};

/** A pod counts as kept when it is there for so much longer than it had to end: clocks differ, and a kubelet takes its time. */
const LATE_MS = 60_000;

type Sorted = {
  readonly going: readonly DrainPod[];
  /** End by themselves, in words: running CI jobs. */
  readonly ending: readonly string[];
  readonly waited: readonly DrainPod[];
  /** Who keeps pods that no eviction helps. */
  readonly kept: readonly Blocker[];
  readonly refused: readonly string[];
};

/** A new pod that no cordon keeps away would come back for ever: it is not waited for, nor are those of kubectl's later ones. */
const cameSince = (pod: DrainPod, before: PodsToDrain): boolean => pod.toleratesCordon && !before.pods.some(({ uid }) => uid === pod.uid);

const keptBy = (pod: DrainPod, { kind }: Fate, nowMs: number): readonly Blocker[] => {
  if (kind === 'ends' && pod.job !== null) return [{ pod: podName(pod), by: jobWords(pod.job), why: 'it runs, and is waited for' }];
  if (kind !== 'goes' || pod.ending === null || nowMs - Date.parse(pod.ending.at) < LATE_MS) return [];
  const { at, graceSeconds } = pod.ending;
  return [{ pod: podName(pod), by: 'the kubelet or a finalizer', why: `it had ${graceSeconds} s to end, until ${at}` }];
};

const sort = (now: PodsToDrain, before: PodsToDrain, options: DrainFilters, ctx: StepContext): Sorted => {
  const moment = { nowMs: ctx.nowMs ?? 0, killJobs: ctx.answers[ctx.direction === 'back' ? REOPEN + JOBS_ENDED : JOBS_ENDED] === KILL };
  const fates = now.pods
    .filter((pod) => !cameSince(pod, before))
    .map((pod): readonly [DrainPod, Fate] => [pod, fateOf(pod, options, moment)]);
  const kept = fates.flatMap(([pod, fate]) => keptBy(pod, fate, moment.nowMs));
  const told = (kind: 'ends' | 'refuses'): readonly string[] =>
    fates.flatMap(([pod, fate]) => (fate.kind === kind ? [`${podName(pod)} ${fate.why}`] : []));
  const of = (kind: Fate['kind']): readonly DrainPod[] => fates.flatMap(([pod, fate]) => (fate.kind === kind ? [pod] : []));
  return { going: of('goes'), ending: told('ends'), waited: of('ends'), refused: told('refuses'), kept };
};

const graceSeconds = ({ gracePeriod }: DrainOptions): number | undefined =>
  gracePeriod === undefined ? undefined : Math.ceil(durationMs(gracePeriod) / 1000);

/** Whether a pod has to be asked for: it was not yet, or has longer to end than it is to have. */
const isToBeSent = ({ ending }: DrainPod, grace: number | undefined): boolean =>
  ending === null || (grace !== undefined && ending.graceSeconds > grace);

const evictionOf = (pod: DrainPod, options: DrainOptions): Eviction => {
  const grace = graceSeconds(options);
  return {
    by: options.disableEviction === true ? 'delete' : 'evict',
    namespace: pod.namespace,
    name: pod.name,
    uid: pod.uid,
    ...(grace !== undefined && { graceSeconds: grace }),
    budgets: pod.budgets,
  };
};

const words = (pod: DrainPod, { budgets }: PodsToDrain, { disableEviction }: DrainOptions): string => {
  if (pod.ending !== null) return `${podName(pod)} is ending`;
  const held = disableEviction === true ? undefined : heldBy(pod, budgets);
  return held ?? `${podName(pod)} is still there`;
};

const actions = ({ going, ending, kept, refused }: Sorted, options: DrainOptions): readonly Action[] => {
  if (refused.length > 0) return [];
  const send = going.filter((pod) => isToBeSent(pod, graceSeconds(options)));
  const waits = going.length - send.length + ending.length;
  return send.length === 0
    ? [{ via: 'time', until: `${count(waits, 'pod')} ${waits === 1 ? 'has' : 'have'} ended`, blocked: kept }]
    : [{ via: 'evictions', evict: send.map((pod) => evictionOf(pod, options)), ending: waits, blocked: kept }];
};

/** Every pod could go now, or is left where it is: nothing refuses the drain, and no pod has two PodDisruptionBudgets. */
export const drainable = (options: DrainOptions = {}): Gate =>
  gate<PodsToDrain>({
    id: 'preflight:drainable',
    title: 'nothing refuses the drain',
    wish: { ...options },
    observe: (ctx) => podsToDrain(ctx.node.name, options.podSelector),
    unmet: (now, before, ctx) => {
      const { going, refused } = sort(now, before, options, ctx);
      const twice =
        options.disableEviction === true ? [] : going.filter((pod) => pod.budgets.length > 1 && heldBy(pod, now.budgets) !== undefined);
      return [...refused, ...twice.map(twoBudgets)];
    },
  });

/**
 * Empties the node as kubectl drain does: all its pods are evicted side by side, respecting PodDisruptionBudgets, and waited for.
 *
 * Stands behind `cordon()`. Nothing is evicted when one pod is refused, and each reason is told; the plan tells it before anything is touched. A pod
 * has gone when it is not on this node any more, so one of the same name elsewhere is not waited for. Pods that come while it lasts go as well,
 * except those that tolerate the cordon. Nothing is taken back: whoever made the pods makes them anew, elsewhere. Running CI jobs are waited
 * for and not killed, unless somebody says so: `jobsEnded` before it gives them longer, and asks. Source: kubectl, pkg/drain; the Eviction API, policy/v1 (Kubernetes 1.22 or later).
 */
export const drain = (options: DrainOptions = {}): Change =>
  change<PodsToDrain>({
    id: 'drain',
    title: 'drain',
    wish: { ...options },
    within: options.timeout ?? '15m',
    observe: (ctx) => podsToDrain(ctx.node.name, options.podSelector),
    unmet: (now, before, ctx) => {
      const { going, ending, refused } = sort(now, before, options, ctx);
      return refused.length > 0 ? refused : [...going.map((pod) => words(pod, now, options)), ...ending];
    },
    apply: (now, ctx, before = now) => actions(sort(now, before, options, ctx), options),
    rollback: () => [],
    fleeting: true,
    outlook: drainOutlook((now, ctx) => sort(now, now, options, ctx), {
      budgets: options.disableEviction !== true,
      selector: options.podSelector,
    }),
  });
