import { type Duration, durationMs } from '../core/duration.ts';
import { budgetName, podName, twoBudgets } from '../core/eviction.ts';
import type { DrainPod, PodsToDrain } from '../facts/pods-to-drain.ts';

/** What of kubectl drain's options decides which pods go. All are off unless set. */
export type DrainFilters = {
  /** Leave the pods of DaemonSets where they are: they would come back at once. Without it, one such pod refuses. */
  readonly ignoreDaemonSets?: boolean;
  /** Pods may go whose emptyDir volumes are lost with them. */
  readonly deleteEmptyDir?: boolean;
  /** Pods may go that nobody makes anew: those without a controller, or whose DaemonSet is gone. */
  readonly force?: boolean;
  /** Leave pods alone whose time to end has been over for longer than this. */
  readonly skipWaitForDelete?: Duration;
  /** `kill`: pods of running CI jobs are pods like any other. Otherwise they are waited for, unless a person has said `kill` to `jobsEnded`. */
  readonly jobs?: 'wait' | 'kill';
};

/** What becomes of a pod, and why; `ends`: it goes by itself, and is waited for. */
export type Fate = { readonly kind: 'goes' } | { readonly kind: 'stays' | 'ends' | 'refuses'; readonly why: string };

/** What is known besides the pods. */
export type Moment = {
  /** Epoch ms. */
  readonly nowMs: number;
  /** A person has said that running jobs may be killed. */
  readonly killJobs: boolean;
};

const goes: Fate = { kind: 'goes' };
const isFinished = ({ phase }: DrainPod): boolean => phase === 'Succeeded' || phase === 'Failed';

type Filter = (pod: DrainPod, options: DrainFilters, moment: Moment) => Fate;

const deleted: Filter = ({ ending }, { skipWaitForDelete }, { nowMs }) =>
  ending !== null && skipWaitForDelete !== undefined && nowMs - Date.parse(ending.at) > durationMs(skipWaitForDelete)
    ? { kind: 'stays', why: 'should have ended long ago, and is not waited for' }
    : goes;

const daemonSet: Filter = (pod, { force, ignoreDaemonSets }) => {
  if (pod.controller?.kind !== 'DaemonSet' || isFinished(pod)) return goes;
  if (pod.orphan) {
    if (force === true) return goes;
    const why = `belongs to the DaemonSet ${pod.controller.name}, which is not there any more: it would not come back (force lets it go)`;
    return { kind: 'refuses', why };
  }
  if (ignoreDaemonSets === true) return { kind: 'stays', why: `belongs to the DaemonSet ${pod.controller.name}` };
  return { kind: 'refuses', why: `belongs to the DaemonSet ${pod.controller.name} (ignoreDaemonSets leaves it where it is)` };
};

const mirror: Filter = (pod) => (pod.mirror ? { kind: 'stays', why: 'is run by the kubelet from a file' } : goes);

/** The one filter that kubectl has not: it would kill the job with `--force`, and refuse without. */
const ciJob: Filter = (pod, { jobs }, { killJobs }) =>
  pod.job === null || isFinished(pod) || jobs === 'kill' || killJobs || pod.ending !== null
    ? goes
    : { kind: 'ends', why: `runs ${jobWords(pod.job)}` };

const localStorage: Filter = (pod, { deleteEmptyDir }) =>
  pod.emptyDirs.length === 0 || isFinished(pod) || deleteEmptyDir === true
    ? goes
    : { kind: 'refuses', why: `has local data, lost with it: emptyDir ${pod.emptyDirs.join(', ')} (deleteEmptyDir lets it go)` };

const unreplicated: Filter = (pod, { force }) =>
  isFinished(pod) || pod.controller !== null || force === true
    ? goes
    : { kind: 'refuses', why: 'has no controller, so it would not come back (force lets it go)' };

/** In kubectl's order; the first that lets a pod not go decides. */
const filters: readonly Filter[] = [deleted, daemonSet, mirror, ciJob, localStorage, unreplicated];

/** Decides about one pod, as kubectl drain does. Source: kubectl, pkg/drain/filters.go. */
export const fateOf = (pod: DrainPod, options: DrainFilters, moment: Moment): Fate => {
  // what a person lets be killed is killed whole: such pods have neither a controller nor anything but emptyDirs
  const killed = pod.job !== null && moment.killJobs;
  const own = killed ? { ...options, deleteEmptyDir: true, force: true } : options;
  for (const filter of filters) {
    const fate = filter(pod, own, moment);
    if (fate.kind !== 'goes') return fate;
  }
  return goes;
};

/** A CI job in words: `CI job 3 (build-job, https://…)`. */
export const jobWords = ({ id, name, url }: NonNullable<DrainPod['job']>): string => {
  const more = [name, url].filter((part) => part !== '').join(', ');
  return `${id === '' ? 'a CI job' : `CI job ${id}`}${more === '' ? '' : ` (${more})`}`;
};

/** Whether the budgets let a running pod go now, by the rules of the Eviction API; in words why not. */
export const heldBy = (pod: DrainPod, budgets: PodsToDrain['budgets']): string | undefined => {
  if (pod.ending !== null || isFinished(pod) || pod.phase === 'Pending') return undefined;
  if (pod.budgets.length > 1) return twoBudgets(pod);
  const [name = ''] = pod.budgets;
  const allows = budgets[`${pod.namespace}/${name}`];
  if (allows === undefined || allows.disruptionsAllowed > 0) return undefined;
  const { currentHealthy, desiredHealthy, expectedPods, unhealthy } = allows;
  if (!pod.ready && (unhealthy === 'AlwaysAllow' || (currentHealthy >= desiredHealthy && desiredHealthy > 0))) return undefined;
  const needs = `needs ${desiredHealthy} healthy pods and has ${currentHealthy} of ${expectedPods}`;
  const stuck =
    !pod.ready && unhealthy !== 'AlwaysAllow'
      ? '; this pod is not Ready itself, and unhealthyPodEvictionPolicy AlwaysAllow would let it go'
      : '';
  const blind = '; it counts no pod at all: one without a controller that scales counts for no percentage and no maxUnavailable';
  const never = desiredHealthy >= expectedPods ? '; it allows none of its pods to go, however healthy they are' : '';
  return `${budgetName(pod.namespace, name)} keeps ${podName(pod)}: it ${needs}${stuck}${expectedPods === 0 ? blind : never}`;
};
