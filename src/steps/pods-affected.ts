import { podName, twoBudgets } from '../core/eviction.ts';
import { type Fact, deriving } from '../core/fact.ts';
import { type RuntimeLife, madeByBad, wasReplaced } from '../core/runtime-life.ts';
import { versionAmong } from '../core/version-is.ts';
import { type PackageHistory, packageHistory } from '../facts/package-history.ts';
import { type PodBirth, podBirths } from '../facts/pod-births.ts';
import { type DrainPod, type PodsToDrain, podsToDrain } from '../facts/pods-to-drain.ts';
import { type ReplicaCounts, controllerKey, replicaCounts } from '../facts/replica-counts.ts';
import { type RuntimeVersion, runtimeVersion } from '../facts/runtime-version.ts';
import { type ServiceSince, serviceSince } from '../facts/service-since.ts';

/** The packages that bring containerd: Docker's, on EL and on Debian, and Debian's own. A node has one of them. */
export const CONTAINERD = ['containerd.io', 'containerd'] as const;

/**
 * Versions that do not write down the network of a pod: once containerd has been restarted, the next start of the kubelet kills the pod.
 *
 * Source: containerd issue 7843 (since 1.6.9), mended in 1.6.15.
 */
export const BAD_CONTAINERD = ['1.6.9', '1.6.10', '1.6.11', '1.6.12', '1.6.13', '1.6.14'] as const;

/** A pod that the kubelet will kill at its next start, and how it can be restarted before. */
export type AffectedPod = {
  readonly budgets: readonly string[];
  /** Its controller, as `ReplicaCounts` has it; null: it has none. */
  readonly controller: string | null;
  readonly ending: boolean;
  /** A new one comes back to this node: a DaemonSet's, or one that the kubelet runs from a file. */
  readonly here: boolean;
  /** Who restarts it: drover by an eviction, or a person, in these words how. */
  readonly how: 'evict' | { readonly person: string };
  readonly name: string;
  readonly namespace: string;
  /** Why it must not be restarted before somebody has changed something; null: it may. */
  readonly refused: string | null;
  readonly uid: string;
  readonly why: string;
};

/** The affected pods of a node, and the controllers that a restart of theirs would have to wait for. */
export type PodsAffected = {
  readonly affected: readonly AffectedPod[];
  readonly controllers: ReplicaCounts;
  /** Another containerd may have run since the boot than the one that runs. */
  readonly replaced: boolean;
  /** Why nobody can tell now. */
  readonly unclear: string | null;
};

/** What decides which pods are affected, and how they may be restarted. */
export type AffectedBy = { readonly bad: readonly string[]; readonly deleteEmptyDir?: boolean };

type Parts = {
  readonly births: Readonly<Record<string, PodBirth>>;
  readonly containerd: ServiceSince;
  readonly history: PackageHistory;
  readonly kubelet: ServiceSince;
  readonly pods: PodsToDrain;
  readonly replicas: ReplicaCounts;
  readonly runtime: RuntimeVersion;
};

const byHand = ({ controller, job, mirror, orphan }: DrainPod): string | undefined => {
  if (mirror)
    return 'the kubelet runs it from a file: move that out of /etc/kubernetes/manifests, wait until the pod is gone, and move it back';
  if (controller === null) return `it has no controller, so nobody would make it anew${job === null ? '' : ': it is a CI job, let it end'}`;
  if (orphan) return `its ${controller.kind} ${controller.name} is not there any more, so nobody would make it anew`;
  if (controller.kind === 'Job') return `it is of the Job ${controller.name}, which would begin anew: let it end`;
  const known = ['ReplicaSet', 'StatefulSet', 'DaemonSet'].includes(controller.kind);
  return known ? undefined : `it is of a ${controller.kind}, of which drover cannot see when a new one is Ready`;
};

const refusal = (pod: DrainPod, { deleteEmptyDir }: AffectedBy): string | null => {
  if (pod.budgets.length > 1) return twoBudgets(pod);
  if (pod.emptyDirs.length === 0 || deleteEmptyDir === true) return null;
  return `${podName(pod)} has local data, lost when it is restarted: emptyDir ${pod.emptyDirs.join(', ')} (deleteEmptyDir lets it go)`;
};

const affectedPod = (pod: DrainPod, why: string, by: AffectedBy): AffectedPod => {
  const person = byHand(pod);
  return {
    budgets: pod.budgets,
    controller: pod.controller === null ? null : controllerKey(pod.controller.kind, pod.namespace, pod.controller.name),
    ending: pod.ending !== null,
    here: pod.mirror || (pod.controller?.kind === 'DaemonSet' && !pod.orphan),
    how: person === undefined ? 'evict' : { person },
    name: pod.name,
    namespace: pod.namespace,
    refused: person === undefined ? refusal(pod, by) : null,
    uid: pod.uid,
    why,
  };
};

/** The kubelet has started since containerd has: whatever had lost its sandbox by then was made anew by the version that runs. */
const isMended = ({ containerd, kubelet, runtime }: Parts, bad: readonly string[]): boolean =>
  containerd !== null &&
  kubelet !== null &&
  runtime.running !== null &&
  kubelet.sinceBootMs >= containerd.sinceBootMs &&
  versionAmong(runtime.running, bad) === undefined;

const lifeOf = ({ containerd, history, runtime }: Parts): RuntimeLife | undefined =>
  containerd === null || runtime.running === null
    ? undefined
    : {
        running: runtime.running,
        sinceMs: Date.parse(containerd.at),
        bootedMs: Date.parse(history.bootedAt),
        installs: history.installs.map(({ at, before, version }) => ({
          atMs: Date.parse(at),
          version,
          ...(before !== undefined && { before }),
        })),
      };

/** A DaemonSet is whole here when one of its pods on this node is Ready. */
const daemonsHere = (pods: readonly DrainPod[]): ReplicaCounts => {
  const counts: Record<string, { desired: number; ready: number }> = {};
  for (const { controller, ending, namespace, ready } of pods) {
    if (controller?.kind !== 'DaemonSet') continue;
    const key = controllerKey(controller.kind, namespace, controller.name);
    counts[key] = { desired: 1, ready: (counts[key]?.ready ?? 0) === 1 || (ready && ending === null) ? 1 : 0 };
  }
  return counts;
};

/** Which of the pods of a node are affected, and why, from all that is known of pods, service and packages. */
export const judgePods = (parts: Parts, by: AffectedBy): PodsAffected => {
  const { pods } = parts.pods;
  const owners = new Set(
    pods.flatMap(({ controller, namespace }) => (controller ? [controllerKey(controller.kind, namespace, controller.name)] : [])),
  );
  const counted = Object.entries(parts.replicas).filter(([key, { desired, ready }]) => owners.has(key) || ready < desired);
  const controllers: ReplicaCounts = { ...Object.fromEntries(counted), ...daemonsHere(pods) };
  const life = lifeOf(parts);
  if (life === undefined) return { affected: [], controllers, replaced: true, unclear: 'containerd does not run, or does not answer' };
  const replaced = wasReplaced(life);
  if (isMended(parts, by.bad)) return { affected: [], controllers, replaced, unclear: null };
  const affected = pods.flatMap((pod): readonly AffectedPod[] => {
    const birth = parts.births[pod.uid];
    // one on the host's network has none that could be lost; one that has ended is not started again
    if (birth === undefined || birth.hostNetwork || pod.phase === 'Succeeded' || pod.phase === 'Failed') return [];
    const why = madeByBad(life, Date.parse(birth.created), by.bad);
    return why === undefined ? [] : [affectedPod(pod, why, by)];
  });
  return { affected, controllers, replaced, unclear: null };
};

/** Looks for the pods of a node that its kubelet will kill at its next start, because a bad containerd made them. */
export const podsAffected = (node: string, by: AffectedBy): Fact<PodsAffected> =>
  deriving<Parts, PodsAffected>(
    {
      all: {
        births: podBirths(node),
        containerd: serviceSince('containerd'),
        history: packageHistory(CONTAINERD),
        kubelet: serviceSince('kubelet'),
        pods: podsToDrain(node),
        replicas: replicaCounts(),
        runtime: runtimeVersion(),
      },
    },
    (parts) => judgePods(parts, by),
  );
