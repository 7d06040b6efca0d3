import type { Json } from '../../core/json.ts';
import { type Cluster, type KubeObject, at, keyOf, listAt, listObjects, store, textAt, timestamp, withPart } from './cluster.ts';

/** Whether a Node is Ready, as the API has it. */
export const isReady = (node: KubeObject): boolean =>
  listAt(node, 'status', 'conditions').some((one) => at(one, 'type') === 'Ready' && at(one, 'status') === 'True');

/** What a pod runs, for making one. `owner` is `KIND/NAME` of its controller; a pod without one is gone for good once it is evicted. */
export type PodOptions = {
  readonly namespace?: string;
  readonly name: string;
  readonly node?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly owner?: `${'ReplicaSet' | 'DaemonSet' | 'StatefulSet' | 'Job'}/${string}`;
};

const podObject = (cluster: Cluster, options: PodOptions): KubeObject => {
  const [kind, owner] = options.owner?.split('/') ?? [];
  const owners =
    kind === undefined || owner === undefined
      ? []
      : [
          {
            apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
            kind,
            name: owner,
            uid: cluster.ids.uuid(),
            controller: true,
            blockOwnerDeletion: true,
          },
        ];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: options.name,
      namespace: options.namespace ?? 'default',
      labels: { ...options.labels },
      annotations: { ...options.annotations },
      ownerReferences: owners,
    },
    spec: {
      ...(options.node !== undefined && { nodeName: options.node }),
      containers: [{ name: 'main', image: 'registry.example.org/main:1' }],
      terminationGracePeriodSeconds: 30,
    },
    status: { phase: 'Pending', conditions: [] },
  };
};

const running = (pod: KubeObject, now: number): KubeObject => ({
  ...pod,
  status: {
    phase: 'Running',
    startTime: timestamp(now),
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: timestamp(now) }],
  },
});

/** Makes a pod that is running already. */
export const addPod = (cluster: Cluster, options: PodOptions, now: number): KubeObject =>
  store(cluster, keyOf('pods', options.namespace ?? 'default', options.name), running(podObject(cluster, options), now), now);

/** Whether a pod counts as healthy for a budget. */
export const isHealthy = (pod: KubeObject): boolean =>
  textAt(pod, 'status', 'phase') === 'Running' && at(pod, 'metadata', 'deletionTimestamp') === null && isReady(pod);

/** Puts a pod that has no node on one that takes it; false when there is none. */
const place = (cluster: Cluster, key: string, pod: KubeObject, now: number): boolean => {
  const node = listObjects(cluster, 'nodes').find(([, one]) => at(one, 'spec', 'unschedulable') !== true && isReady(one));
  if (!node) return false;
  store(cluster, key, withPart(pod, ['spec', 'nodeName'], textAt(node[1], 'metadata', 'name')), now);
  cluster.due.set(key, { at: now + cluster.timings.podStartMs, what: 'running' });
  return true;
};

/** Places what waits for a node: called whenever a node changes. */
export const placePending = (cluster: Cluster, now: number): void => {
  for (const [key, pod] of listObjects(cluster, 'pods'))
    if (textAt(pod, 'spec', 'nodeName') === '' && textAt(pod, 'status', 'phase') === 'Pending') place(cluster, key, pod, now);
};

/** Ends a pod gracefully: it is there with a deletionTimestamp for a while. */
export const terminate = (cluster: Cluster, key: string, now: number): KubeObject | undefined => {
  const pod = cluster.objects.get(key);
  if (!pod || at(pod, 'metadata', 'deletionTimestamp') !== null) return pod;
  cluster.due.set(key, { at: now + cluster.timings.podTerminationMs, what: 'gone' });
  return store(cluster, key, withPart(pod, ['metadata', 'deletionTimestamp'], timestamp(now)), now);
};

/** What a controller does when its pod is gone: a daemon's comes back where it was, another's anywhere. */
const replace = (cluster: Cluster, pod: KubeObject, now: number): void => {
  const [owner] = listAt(pod, 'metadata', 'ownerReferences');
  const kind = textAt(owner, 'kind');
  if (owner === undefined || kind === 'Job') return;
  const namespace = textAt(pod, 'metadata', 'namespace');
  const base = kind === 'StatefulSet' ? textAt(pod, 'metadata', 'name') : `${textAt(owner, 'name')}-${cluster.ids.hex(5)}`;
  const key = keyOf('pods', namespace, base);
  const metadata: Json = {
    name: base,
    namespace,
    labels: at(pod, 'metadata', 'labels'),
    annotations: at(pod, 'metadata', 'annotations'),
    ownerReferences: [owner],
  };
  const spec: Record<string, Json> = { containers: listAt(pod, 'spec', 'containers'), terminationGracePeriodSeconds: 30 };
  if (kind === 'DaemonSet') spec['nodeName'] = textAt(pod, 'spec', 'nodeName');
  const made = store(cluster, key, { apiVersion: 'v1', kind: 'Pod', metadata, spec, status: { phase: 'Pending', conditions: [] } }, now);
  if (kind === 'DaemonSet') cluster.due.set(key, { at: now + cluster.timings.podStartMs, what: 'running' });
  else place(cluster, key, made, now);
};

/** Does what was due for pods until now. */
export const advancePods = (cluster: Cluster, now: number): void => {
  for (const [key, { at: due, what }] of cluster.due) {
    if (due > now) continue;
    cluster.due.delete(key);
    const pod = cluster.objects.get(key);
    if (!pod) continue;
    if (what === 'running') store(cluster, key, running(pod, due), due);
    else {
      cluster.objects.delete(key);
      cluster.version += 1;
      replace(cluster, pod, due);
    }
  }
};
