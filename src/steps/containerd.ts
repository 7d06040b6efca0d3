import { sh } from '../core/command.ts';
import type { Duration } from '../core/duration.ts';
import { podName } from '../core/eviction.ts';
import { type Activation, type Gate, activation, gate } from '../core/step.ts';
import { isVersion, versionAmong } from '../core/version-is.ts';
import { compareVersions } from '../facts/kernel-version.ts';
import { nodeRuntime } from '../facts/cluster-node.ts';
import { type PodBirth, podBirths } from '../facts/pod-births.ts';
import { type RuntimeVersion, runtimeVersion } from '../facts/runtime-version.ts';
import { type ServiceSince, serviceSince } from '../facts/service-since.ts';
import { type AffectedBy, type PodsAffected, podsAffected } from './pods-affected.ts';
import { isLeftToKubelet } from './pods-restarted.ts';

type Runs = { readonly cluster: string | null; readonly node: RuntimeVersion };

/** `containerd://1.6.18` without what it is; undefined when it is something else. */
const inCluster = (told: string | null): string | undefined => /^containerd:\/\/(\S+)$/.exec(told ?? '')?.[1];

const runs = (now: Runs, version: string): readonly string[] => {
  if (now.node.running === null) return ['containerd does not answer'];
  if (!isVersion(now.node.running, version)) return [`containerd ${now.node.running} runs, not ${version}`];
  const told = inCluster(now.cluster);
  return told !== undefined && isVersion(told, version)
    ? []
    : [`the cluster has ${now.cluster ?? 'no such Node'}: the kubelet has not told of it yet`];
};

const look = (
  node: string,
): { readonly all: { readonly cluster: ReturnType<typeof nodeRuntime>; readonly node: ReturnType<typeof runtimeVersion> } } => ({
  all: { cluster: nodeRuntime(node), node: runtimeVersion() },
});

/** The containerd that runs is the wished one, as it says itself and as its kubelet tells the cluster; what is installed proves nothing. */
export const runtimeRuns = (version: string): Gate =>
  gate<Runs>({
    id: 'containerd:runs',
    title: `containerd ${version} runs`,
    wish: version,
    within: '3m',
    observe: (ctx) => look(ctx.node.name),
    unmet: (now) => runs(now, version),
    restored: (now, before) => (before.node.running === null ? [] : runs(now, before.node.running)),
  });

/** Restarts containerd where another version runs than is installed. Containers go on meanwhile; nothing is started until it answers. */
export const runtimeRestarted = (options: { readonly within?: Duration } = {}): Activation =>
  activation<RuntimeVersion>({
    id: 'restart:containerd',
    title: 'restart containerd',
    wish: 'what is installed runs',
    boots: false,
    within: options.within ?? '3m',
    observe: () => runtimeVersion(),
    unmet: ({ installed, running }) => {
      if (running === null) return ['containerd does not answer'];
      return installed === running ? [] : [`containerd ${running} runs, and ${installed ?? 'none'} is installed`];
    },
    apply: () => [sh`systemctl restart containerd`],
  });

type Kubelet = {
  readonly births: Readonly<Record<string, PodBirth>>;
  readonly containerd: ServiceSince;
  readonly kubelet: ServiceSince;
  readonly pods: PodsAffected;
};

/** Pods that are still the same and have another address than before: their sandboxes were made anew. */
const lostSandbox = (now: Kubelet, before: Kubelet): readonly string[] =>
  Object.entries(before.births)
    .filter(([uid, { ip }]) => {
      const known = before.pods.affected.some((pod) => pod.uid === uid);
      const is = now.births[uid]?.ip ?? '';
      return !known && ip !== '' && is !== '' && is !== ip;
    })
    .map(
      ([uid, { ip, pod }]) =>
        `${pod} was at ${ip} and is at ${now.births[uid]?.ip ?? ''}: the kubelet has killed it and made it anew, though nothing told that it would`,
    );

/**
 * Restarts the kubelet that was there before the containerd that runs, another than it began with, and sees that no pod dies of it: the proof that none is left that would, one day.
 *
 * It is not restarted while pods are affected, unless a person left them to it. Nothing of it is repeated on the way back.
 */
export const kubeletRestarted = (by: AffectedBy, options: { readonly within?: Duration } = {}): Activation =>
  activation<Kubelet>({
    id: 'restart:kubelet',
    title: 'restart the kubelet, and see that no pod dies of it',
    wish: 'since containerd',
    boots: false,
    within: options.within ?? '3m',
    observe: (ctx) => ({
      all: {
        births: podBirths(ctx.node.name),
        containerd: serviceSince('containerd'),
        kubelet: serviceSince('kubelet'),
        pods: podsAffected(ctx.node.name, by),
      },
    }),
    unmet: (now, before, { direction }) => {
      if (direction === 'back') return [];
      if (now.containerd === null || now.kubelet === null) return [`${now.kubelet === null ? 'the kubelet' : 'containerd'} does not run`];
      // one that the same containerd has always served has nothing to show
      if (!now.pods.replaced) return [];
      if (now.kubelet.sinceBootMs < now.containerd.sinceBootMs)
        return [
          'the kubelet runs for longer than containerd: what it does at its next start has not been seen',
          ...now.pods.affected.map((pod) => `${podName(pod)} would die of it`),
        ];
      if (!now.kubelet.settled) return ['the kubelet has only just started'];
      return lostSandbox(now, before);
    },
    // a plan is made before they are restarted
    apply: ({ pods }, ctx) =>
      ctx.startedAtMs !== undefined && pods.affected.length > 0 && !isLeftToKubelet(ctx) ? [] : [sh`systemctl restart kubelet`],
  });

/** A good version is not taken back for an older one that nobody may have thought about. */
const newer = (running: string | null, version: string, bad: readonly string[]): readonly string[] =>
  running === null || isVersion(running, version) || versionAmong(running, bad) !== undefined || compareVersions(running, version) < 0
    ? []
    : [
        `containerd ${running} runs, which is newer than ${version} and not known to be bad: this would be a step back; wish for ${running}`,
      ];

/** The wished version is not known to be bad, a good one that runs is not newer, and node and cluster can tell which runs. */
export const runtimeReadable = (version: string, bad: readonly string[]): Gate =>
  gate<Runs>({
    id: 'preflight:containerd',
    title: `containerd ${version} is not known to be bad, and the one that runs can be told`,
    wish: { bad, version },
    observe: (ctx) => look(ctx.node.name),
    unmet: ({ cluster, node }) => [
      ...newer(node.running, version, bad),
      ...(versionAmong(version, bad) === undefined
        ? []
        : [`containerd ${version} is known to be bad: the kubelet kills the pods that it makes (containerd issue 7843)`]),
      ...(node.installed === null ? ['ctr is not on the node, so nobody can tell which containerd runs'] : []),
      ...(node.installed !== null && node.running === null ? ['containerd does not answer'] : []),
      ...(cluster === null ? ['the cluster has no such Node'] : []),
      ...(cluster !== null && inCluster(cluster) === undefined
        ? [`the cluster does not tell which containerd runs: containerRuntimeVersion is ${JSON.stringify(cluster)}`]
        : []),
    ],
  });
