import type { Action, Ask } from '../core/action.ts';
import { type Duration, durationMs } from '../core/duration.ts';
import { podName } from '../core/eviction.ts';
import { type Change, type Gate, type StepContext, change, gate } from '../core/step.ts';
import { type AffectedBy, type AffectedPod, type PodsAffected, podsAffected } from './pods-affected.ts';

/** How the affected pods of a node are restarted. */
export type RestartOptions = AffectedBy & {
  /**
   * `leaving`: those that come back on another node, while new ones here would be made by the bad version; `staying`: those that come back here,
   * a DaemonSet's and static ones, once a good version runs.
   */
  readonly which: 'leaving' | 'staying';
  /** Whether a person is asked: before each, once before the first (the default), or not at all. */
  readonly approve?: 'each' | 'once' | 'no';
  /** How long one may take to go, and its replacement to be Ready; 15m unless set. */
  readonly readyWithin?: Duration;
  /** How long all of it may take, the questions too; 24h unless set. */
  readonly within?: Duration;
  /** Whose yes it is, in words. */
  readonly to?: string;
};

/** The id of the approval that stands before the node is cordoned. */
const APPROVED = 'approval:restart-pods';
const ALL = 'all';
const NO = 'no';
const LEAVE = 'leave';

type Which = RestartOptions['which'];
const idOf = (which: Which): string => `pods-restarted:${which}`;

/** Whether a person has said that affected pods are left for the kubelet to kill. */
export const isLeftToKubelet = ({ answers }: Pick<StepContext, 'answers'>): boolean =>
  (['leaving', 'staying'] as const).some((which) => answers[idOf(which)] === LEAVE);

const names = (pods: readonly AffectedPod[]): string => pods.map(podName).join(', ');

const words = (pod: AffectedPod): string =>
  `${podName(pod)} was ${pod.why}${pod.how === 'evict' ? '' : `, and a person has to restart it: ${pod.how.person}`}`;

const byDrover = ({ how }: AffectedPod): boolean => how === 'evict';

/** Controllers whose pods were restarted, or are to be, and that have fewer Ready than they should; in words. */
const degraded = (now: PodsAffected, pods: readonly AffectedPod[]): readonly { readonly controller: string; readonly why: string }[] => {
  const keys = new Set(pods.filter(byDrover).flatMap(({ controller }) => controller ?? []));
  return [...keys].flatMap((controller) => {
    const counts = now.controllers[controller];
    if (counts === undefined) return controller.startsWith('DaemonSet') ? [{ controller, why: 'has no pod on this node yet' }] : [];
    const { desired, ready } = counts;
    return ready < desired ? [{ controller, why: `has ${ready} of ${desired} pods Ready` }] : [];
  });
};

const question = (pods: readonly AffectedPod[]): string =>
  `${pods.length === 1 ? 'this pod was' : `these ${pods.length} pods were`} made by a bad containerd, and the next start of the kubelet kills ${pods.length === 1 ? 'it' : 'them all at once'}: ${names(pods)}. drover evicts one at a time, each when the one before is Ready again`;

const ask = (instructions: string, choices: readonly string[], to: string | undefined): Ask => ({
  via: 'person',
  instructions,
  choices,
  ...(to !== undefined && { to }),
});

/**
 * Waits for a yes before the pods of a bad containerd are restarted; nothing is asked where there are none.
 *
 * Stands before the cordon, so that no node is out of service while people think about it.
 */
export const restartApproved = (by: AffectedBy, options: { readonly to?: string; readonly within?: Duration } = {}): Change =>
  change<PodsAffected>({
    id: APPROVED,
    title: 'a person approves the restart of pods',
    asks: true,
    wish: { bad: by.bad },
    ...(options.within !== undefined && { within: options.within }),
    observe: (ctx) => podsAffected(ctx.node.name, by),
    unmet: ({ affected, unclear }, _before, ctx) => {
      if (unclear !== null) return [unclear];
      if (ctx.answers[APPROVED] === 'yes') return [];
      const said = ctx.answer === NO ? ['a person said no'] : [];
      return affected.length === 0 ? [] : [...said, ...affected.map(words)];
    },
    apply: ({ affected, unclear }, { answer }) => {
      if (unclear !== null) return [{ via: 'time', until: 'containerd answers' }];
      if (affected.length === 0) return [];
      return answer === NO
        ? []
        : [ask(`${question(affected)}. yes: begin; no: the step fails, and nothing is touched`, ['yes', NO], options.to)];
    },
    rollback: () => [],
    fleeting: true,
  });

const isApproved = (pod: AffectedPod, approve: RestartOptions['approve'], { answer, answers }: StepContext): boolean => {
  if (approve === 'no' || answer === ALL || answer === LEAVE) return true;
  if (approve === 'each') return answer === podName(pod);
  return answer === 'yes' || answers[APPROVED] === 'yes';
};

const approval = (pods: readonly AffectedPod[], next: AffectedPod, { approve, to }: RestartOptions): Ask =>
  approve === 'each'
    ? ask(
        `restart ${podName(next)}, which was ${next.why}${pods.length === 1 ? '' : ` (${pods.length - 1} more behind it)`}? It is evicted, and made anew. ${podName(next)}: now; all: all of them, one at a time, without asking again; no: the step fails, and no further pod is touched`,
        [podName(next), ALL, NO],
        to,
      )
    : ask(`${question(pods)}. yes: begin; no: the step fails, and nothing is touched`, ['yes', NO], to);

/**
 * Restarts the pods that a bad containerd made, one at a time, before anything restarts the kubelet: that would kill them all at once.
 *
 * Each is evicted, so PodDisruptionBudgets count, and the next one's turn is when its controller has all its pods Ready again. Pods that nobody would
 * make anew, Jobs and static pods are named, for a person; `leave` lets the kubelet kill them. Nothing is taken back.
 */
export const podsRestarted = (options: RestartOptions): Change => {
  const { which, approve = 'once', readyWithin = '15m', within = '24h' } = options;
  const mine = ({ affected }: PodsAffected): readonly AffectedPod[] => affected.filter(({ here }) => here === (which === 'staying'));
  const isStuck = ({ blocked = [], nowMs = 0 }: StepContext): boolean =>
    blocked.some(({ since }) => nowMs - since > durationMs(readyWithin));
  return change<PodsAffected>({
    id: idOf(which),
    title: `restart the pods that a bad containerd made and that ${which === 'staying' ? 'stay on the node' : 'leave the node'}, one at a time`,
    wish: { approve, bad: options.bad, which },
    asks: true,
    within,
    observe: (ctx) => podsAffected(ctx.node.name, options),
    unmet: (now, before, { answer, ...ctx }) => {
      if (now.unclear !== null) return [now.unclear];
      const left = mine(now).filter((pod) => byDrover(pod) || answer !== LEAVE);
      const waits = degraded(now, [...mine(before), ...mine(now)]);
      return [
        ...(answer === NO ? ['a person said no'] : []),
        ...(isStuck(ctx) ? [`it did not go on within ${readyWithin}`] : []),
        ...left.map((pod) => pod.refused ?? words(pod)),
        ...waits.map(({ controller, why }) => `${controller} ${why}`),
      ];
    },
    apply: (now, ctx, before = now): readonly Action[] => {
      if (now.unclear !== null) return [{ via: 'time', until: 'containerd answers' }];
      const pods = mine(now);
      if (ctx.answer === NO || isStuck(ctx) || pods.some(({ refused }) => refused !== null)) return [];
      const evictable = pods.filter(byDrover);
      const [next] = evictable;
      if (next !== undefined && approve === 'once' && !isApproved(next, approve, ctx)) return [approval(evictable, next, options)];
      if (evictable.some(({ ending }) => ending)) return [{ via: 'time', until: 'the pod has ended' }];
      const waits = degraded(now, [...mine(before), ...pods]);
      if (waits.length > 0) {
        const keeps = next === undefined ? 'what comes next' : podName(next);
        const blocked = waits.map(({ controller, why }) => ({ pod: keeps, by: controller, why: `it ${why}` }));
        return [{ via: 'time', until: `${waits.map(({ controller }) => controller).join(', ')} has all its pods Ready`, blocked }];
      }
      if (next !== undefined && !isApproved(next, approve, ctx)) return [approval(evictable, next, options)];
      if (next !== undefined) {
        const { budgets, name, namespace, uid } = next;
        return [{ via: 'evictions', evict: [{ by: 'evict', namespace, name, uid, budgets }], ending: 0 }];
      }
      if (pods.length === 0) return [];
      const told = pods.map(words).join('; ');
      return [
        ask(`${told}. Do so, or say leave: the kubelet kills ${pods.length === 1 ? 'it' : 'them'} when it restarts`, [LEAVE], options.to),
      ];
    },
    rollback: () => [],
    fleeting: true,
  });
};

/** All affected pods may be restarted: none has two PodDisruptionBudgets, or data that would be lost. */
export const podsRestartable = (by: AffectedBy): Gate =>
  gate<PodsAffected>({
    id: 'preflight:pods-restartable',
    title: 'the pods of a bad containerd may be restarted',
    wish: { ...by },
    observe: (ctx) => podsAffected(ctx.node.name, by),
    unmet: ({ affected }) => affected.flatMap(({ refused }) => refused ?? []),
  });
