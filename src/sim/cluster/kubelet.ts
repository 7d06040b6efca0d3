import type { Json } from '../../core/json.ts';
import { openTable } from '../node/iptables.ts';
import { liveAddresses } from '../node/network.ts';
import { type Machine, isUp, machineId } from '../node/machine.ts';
import { hasForgotten, runningRuntime } from '../node/runtime.ts';
import { type Cluster, type KubeObject, keyOf, listAt, store, textAt, timestamp, withPart } from './cluster.ts';
import { restartLost } from './sandboxes.ts';
import { isReady, placePending, startNeedy } from './pods.ts';

/** The Node object's key. */
export const nodeKey = (name: string): string => keyOf('nodes', '', name);

const condition = (type: string, status: string, reason: string, message: string, now: number): Json => ({
  type,
  status,
  reason,
  message,
  lastHeartbeatTime: timestamp(now),
  lastTransitionTime: timestamp(now),
});

const osImages: Readonly<Record<Machine['distro'], string>> = {
  el7: 'CentOS Linux 7 (Core)',
  el8: 'CentOS Linux 8',
  ol8: 'Oracle Linux Server 8.7',
  debian12: 'Debian GNU/Linux 12 (bookworm)',
};

const status = (machine: Machine, old: KubeObject | undefined, now: number): Json => ({
  addresses: [
    ...(liveAddresses(machine.network)[0] === undefined ? [] : [{ type: 'InternalIP', address: liveAddresses(machine.network)[0] ?? '' }]),
    { type: 'Hostname', address: machine.name },
  ],
  capacity: { cpu: '4', memory: '8152000Ki', pods: '110' },
  allocatable: { cpu: '4', memory: '8049600Ki', pods: '110' },
  conditions:
    old && isReady(old)
      ? listAt(old, 'status', 'conditions')
      : [condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status', now)],
  nodeInfo: {
    architecture: machine.arch === 'aarch64' ? 'arm64' : 'amd64',
    bootID: machine.bootId,
    containerRuntimeVersion: `containerd://${runningRuntime(machine) ?? '0.0.0'}`,
    kernelVersion: machine.kernel.running,
    kubeletVersion: 'v1.30.4',
    machineID: machineId(machine),
    operatingSystem: 'linux',
    osImage: osImages[machine.distro],
    systemUUID: machine.productUuid,
  },
});

/** Registers a node whose kubelet has reported. */
export const registerNode = (cluster: Cluster, machine: Machine, labels: Readonly<Record<string, string>>, now: number): void => {
  const metadata = {
    name: machine.name,
    labels: { 'kubernetes.io/hostname': machine.name, 'kubernetes.io/os': 'linux', ...labels },
    annotations: {},
  };
  store(
    cluster,
    nodeKey(machine.name),
    { apiVersion: 'v1', kind: 'Node', metadata, spec: {}, status: status(machine, undefined, now) },
    now,
  );
  cluster.heartbeats.set(machine.name, null);
  cluster.kubelets.set(machine.name, reportsFrom(machine) ?? now);
  cluster.reports.set(machine.name, reportOf(machine));
};

/** From when on a machine's kubelet reports; undefined while it does not run. */
const reportsFrom = (machine: Machine): number | undefined => {
  const kubelet = machine.units.get('kubelet.service');
  if (!isUp(machine) || kubelet?.active !== 'active') return undefined;
  return machine.bootCount === 1 && kubelet.since === machine.bootedAt ? kubelet.since : kubelet.since + machine.timings.kubeletStartMs;
};

/** What of a machine its kubelet reports, in short. */
const reportOf = (machine: Machine): string =>
  [machine.bootId, machine.kernel.running, runningRuntime(machine) ?? '', ...liveAddresses(machine.network)].join(' ');

const lostWhen = (cluster: Cluster, name: string): number => (cluster.heartbeats.get(name) ?? 0) + cluster.timings.readyGraceMs;

/**
 * Lets a kubelet report and the node controller judge, as of now.
 *
 * A Node object whose kubelet has gone stays Ready with its old boot id and address until the grace period is over; then it is Unknown.
 */
export const syncNode = (cluster: Cluster, machine: Machine, reachable: boolean, now: number): void => {
  const key = nodeKey(machine.name);
  const node = cluster.objects.get(key);
  const from = reportsFrom(machine);
  if (!node) return;
  // a container has no /lib/modules, so nothing in it can load what is missing; its crash is told with the boot, not when the kubelet is up
  if (cluster.needy.size > 0 && isUp(machine))
    startNeedy(cluster, machine.name, (table) => openTable(machine, 'legacy', table, false), now);
  if (from !== undefined && from <= now && reachable) {
    cluster.heartbeats.set(machine.name, null);
    if (cluster.kubelets.get(machine.name) !== from) {
      cluster.kubelets.set(machine.name, from);
      restartLost(cluster, machine.name, (madeAt) => hasForgotten(machine, madeAt), now);
    }
    if (cluster.reports.get(machine.name) === reportOf(machine) && isReady(node)) return;
    cluster.reports.set(machine.name, reportOf(machine));
    store(cluster, key, withPart(node, ['status'], status(machine, node, now)), now);
    placePending(cluster, now);
    return;
  }
  if (cluster.heartbeats.get(machine.name) === null) cluster.heartbeats.set(machine.name, now);
  if (!isReady(node) || now < lostWhen(cluster, machine.name)) return;
  const lost = [condition('Ready', 'Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.', now)];
  store(cluster, key, withPart(node, ['status', 'conditions'], lost), now);
};

/** When something about a node is next due; null when nothing is. */
export const nodeDue = (cluster: Cluster, machine: Machine, reachable: boolean, now: number): number | null => {
  const from = reportsFrom(machine);
  const node = cluster.objects.get(nodeKey(machine.name));
  if (from !== undefined && reachable && from <= now) return null;
  const lost = node && isReady(node) ? lostWhen(cluster, machine.name) : null;
  if (from === undefined || !reachable) return lost;
  return lost === null ? from : Math.min(from, lost);
};

/** The lease by which a kubelet says that it lives. */
export const nodeLease = (cluster: Cluster, name: string, now: number): KubeObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: {
    name,
    namespace: 'kube-node-lease',
    resourceVersion: textAt(cluster.objects.get(nodeKey(name)), 'metadata', 'resourceVersion'),
  },
  spec: {
    holderIdentity: name,
    leaseDurationSeconds: 40,
    renewTime: new Date(cluster.heartbeats.get(name) ?? now).toISOString().replace('Z', '000Z'),
  },
});
