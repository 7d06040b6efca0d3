import { addDaemonSet, addPod } from './cluster/pods.ts';
import { NETWORKS, addressesOf, networksFor } from './fleet.ts';
import { type Releases, addRelease, createReleases } from './helm/releases.ts';
import type { SimNodeOptions, SimOptions } from './options.ts';
import { seededIds } from './random.ts';
import { timingsAt } from './timings.ts';
import { type World, addNode, createWorld } from './world.ts';

/** A world with these nodes, each with a pod of gitlab-runner and a daemon's. */
export const seedWorld = (nodes: readonly SimNodeOptions[], options: SimOptions, now: number): World => {
  const seed = options.seed ?? Math.floor(seededIds(now ^ process.pid).fraction() * 2 ** 32);
  const world = createWorld({ timings: timingsAt(options.speed ?? 20), networks: networksFor(nodes.length, options.networkNames), seed });
  world.cluster.controlsDaemonSets = true;
  const [from] = options.networkNames ?? NETWORKS;
  nodes.forEach((node, index) => {
    const { address, gateway } = addressesOf(index + 1);
    const faults = options.faults?.[node.name];
    const network = options.networks === 'shared' ? null : from;
    addNode(world, { ...node, address: `${address}/24`, gateway, network, ...(faults && { faults }) }, now);
    const pod = {
      name: `gitlab-runner-7d9c-${index + 1}`,
      owner: 'ReplicaSet/gitlab-runner-7d9c',
      labels: { app: 'gitlab-runner' },
    } as const;
    const daemon = {
      name: `kube-proxy-${index + 1}`,
      owner: 'DaemonSet/kube-proxy',
      labels: { 'k8s-app': 'kube-proxy' },
      hostNetwork: true,
    } as const;
    if (node.containerd === undefined) addPod(world.cluster, { ...pod, namespace: 'gitlab-runner', node: node.name }, now);
    addPod(world.cluster, { ...daemon, namespace: 'kube-system', node: node.name }, now);
  });
  addDaemonSet(world.cluster, 'kube-system', 'kube-proxy', now);
  return world;
};

/** The release of gitlab-runner, as it was installed before drover came. */
export const seedReleases = (now: number): Releases => {
  const releases = createReleases();
  const values = { gitlabUrl: 'https://gitlab.example.org/', runnerToken: 'glrt-simulated' };
  addRelease(
    releases,
    { name: 'gitlab-runner', namespace: 'gitlab-runner', chart: 'gitlab-runner-0.71.0', values },
    new Date(now).toISOString(),
  );
  return releases;
};
