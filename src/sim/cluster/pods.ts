import { type Json, isJsonObject } from '../../core/json.ts';
import { type Cluster, type KubeObject, at, keyOf, listAt, listObjects, store, textAt, timestamp, withPart } from './cluster.ts';
import { running } from './sandboxes.ts';

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
  readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  /** Passes its readiness probe; so does every running pod unless said. */
  readonly ready?: boolean;
  /** Names of emptyDir volumes. */
  readonly emptyDirs?: readonly string[];
  /** Keys of taints that it tolerates. */
  readonly tolerates?: readonly string[];
  /** On the network of its node; in one of its own unless said. */
  readonly hostNetwork?: boolean;
  /** How long ago it was made. */
  readonly hoursAgo?: number;
  /** How long it may take to end; 30 s unless said. */
  readonly graceSeconds?: number;
  /** Its init container writes rules of legacy iptables into this table, as istio-init does, and fails where the node has not loaded it. */
  readonly needsTable?: string;
  /** It does not end before it is killed. */
  readonly ignoresSigterm?: boolean;
};

/** The annotation by which the simulation knows a pod that ignores SIGTERM. */
const IGNORES = 'sim.drover.dev/ignores-sigterm';
/** How often a pod that somebody holds by a finalizer is looked at again. */
const FINALIZER_MS = 1000;
/** How long a pod may take to end where nobody says. */
const GRACE_SECONDS = 30;

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
      annotations: { ...options.annotations, ...(options.ignoresSigterm === true && { [IGNORES]: 'true' }) },
      ownerReferences: owners,
    },
    spec: {
      ...(options.node !== undefined && { nodeName: options.node }),
      ...(options.hostNetwork === true && { hostNetwork: true }),
      containers: [{ name: 'main', image: 'registry.example.org/main:1' }],
      volumes: (options.emptyDirs ?? []).map((name) => ({ name, emptyDir: {} })),
      tolerations: (options.tolerates ?? []).map((key) => ({ key, operator: 'Exists', effect: 'NoSchedule' })),
      terminationGracePeriodSeconds: options.graceSeconds ?? GRACE_SECONDS,
    },
    status: { phase: options.phase ?? 'Pending', conditions: [] },
  };
};

/** Makes a pod that is running already, unless it is said otherwise. */
export const addPod = (cluster: Cluster, options: PodOptions, now: number): KubeObject => {
  const plain = podObject(cluster, options);
  const made = now - (options.hoursAgo ?? 0) * 3_600_000;
  const pod = options.hoursAgo === undefined ? plain : withPart(plain, ['metadata', 'creationTimestamp'], timestamp(made));
  const runs = options.phase === undefined || options.phase === 'Running';
  const key = keyOf('pods', options.namespace ?? 'default', options.name);
  if (options.needsTable !== undefined) cluster.needy.set(key, { table: options.needsTable, crashing: false });
  return store(cluster, key, runs ? running(cluster, pod, made, options.ready) : pod, now);
};

/** Makes a DaemonSet; its pods are made apart. */
export const addDaemonSet = (cluster: Cluster, namespace: string, name: string, now: number): KubeObject =>
  store(
    cluster,
    keyOf('daemonsets', namespace, name),
    { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name, namespace }, spec: { selector: { matchLabels: { app: name } } } },
    now,
  );

/** Starts the init containers of a node's pods that need a table, or lets them crash; `has` tells whether the node has one. */
export const startNeedy = (cluster: Cluster, node: string, has: (table: string) => boolean, now: number): void => {
  for (const [key, need] of cluster.needy) {
    const pod = cluster.objects.get(key);
    if (!pod || textAt(pod, 'spec', 'nodeName') !== node || need.crashing !== has(need.table)) continue;
    need.crashing = !need.crashing;
    const waiting = { initContainerStatuses: [{ name: 'istio-init', state: { waiting: { reason: 'CrashLoopBackOff' } } }] };
    store(
      cluster,
      key,
      need.crashing ? withPart(pod, ['status'], { phase: 'Pending', conditions: [], ...waiting }) : running(cluster, pod, now),
      now,
    );
  }
};

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

/** Whether a pod has ended already, by itself. */
export const isFinished = (pod: KubeObject): boolean => ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase'));

const seconds = (value: Json): number | undefined => (typeof value === 'number' ? value : undefined);

/**
 * Ends a pod gracefully: it is there with a deletionTimestamp for a while. One that has ended, has no node or no time goes at once.
 *
 * @param grace in seconds; the pod's own unless said. For a pod that is ending already it can only be shorter.
 */
export const terminate = (cluster: Cluster, key: string, now: number, grace?: number): KubeObject | undefined => {
  const pod = cluster.objects.get(key);
  if (!pod) return undefined;
  const own = grace ?? seconds(at(pod, 'spec', 'terminationGracePeriodSeconds')) ?? GRACE_SECONDS;
  const graceSeconds = isFinished(pod) || textAt(pod, 'spec', 'nodeName') === '' ? 0 : own;
  const left = seconds(at(pod, 'metadata', 'deletionGracePeriodSeconds'));
  if (left !== undefined && left <= graceSeconds) return pod;
  const { podTerminationMs, podGraceMs } = cluster.timings;
  const graceMs = (graceSeconds * podGraceMs) / GRACE_SECONDS;
  const takesMs = textAt(pod, 'metadata', 'annotations', IGNORES) === '' ? Math.min(podTerminationMs, graceMs) : graceMs;
  cluster.due.set(key, { at: now + takesMs, what: 'gone' });
  const metadata = at(pod, 'metadata');
  const ending = {
    deletionTimestamp: timestamp(now + graceSeconds * 1000),
    deletionGracePeriodSeconds: graceSeconds,
  };
  const stored = store(cluster, key, { ...pod, metadata: { ...(isJsonObject(metadata) ? metadata : {}), ...ending } }, now);
  if (graceSeconds === 0) advancePods(cluster, now);
  return stored;
};

/** Ends all pods of a namespace that is about to go; the next ones are found a moment later. */
const collect = (cluster: Cluster, key: string, now: number): void => {
  const namespace = textAt(cluster.objects.get(key), 'metadata', 'name');
  const pods = listObjects(cluster, 'pods', namespace);
  for (const [pod] of pods) terminate(cluster, pod, now);
  if (pods.length > 0) cluster.due.set(key, { at: now + cluster.timings.podStartMs, what: 'collect' });
  else cluster.objects.delete(key);
};

/** Begins to delete a namespace: nothing can be made in it any more, and after a moment its pods are ended. */
export const deleteNamespace = (cluster: Cluster, key: string, now: number): KubeObject | undefined => {
  const namespace = cluster.objects.get(key);
  if (!namespace) return undefined;
  cluster.due.set(key, { at: now + cluster.timings.podStartMs, what: 'collect' });
  const going = withPart(withPart(namespace, ['metadata', 'deletionTimestamp'], timestamp(now)), ['status', 'phase'], 'Terminating');
  return store(cluster, key, going, now);
};

const record = (value: Json): { readonly [key: string]: Json } => (isJsonObject(value) ? value : {});

/** What a controller does when its pod is gone: a daemon's comes back where it was, another's anywhere. */
const replace = (cluster: Cluster, pod: KubeObject, now: number): void => {
  const [owner] = listAt(pod, 'metadata', 'ownerReferences');
  const kind = textAt(owner, 'kind');
  if (owner === undefined || kind === 'Job') return;
  const namespace = textAt(pod, 'metadata', 'namespace');
  if (kind === 'DaemonSet' && !cluster.objects.has(keyOf('daemonsets', namespace, textAt(owner, 'name')))) return;
  const base = kind === 'StatefulSet' ? textAt(pod, 'metadata', 'name') : `${textAt(owner, 'name')}-${cluster.ids.hex(5)}`;
  const key = keyOf('pods', namespace, base);
  const { [IGNORES]: _ignores, ...annotations } = record(at(pod, 'metadata', 'annotations'));
  const metadata: Json = {
    name: base,
    namespace,
    labels: at(pod, 'metadata', 'labels'),
    annotations,
    ownerReferences: [owner],
  };
  const spec: Record<string, Json> = { containers: listAt(pod, 'spec', 'containers'), terminationGracePeriodSeconds: 30 };
  if (at(pod, 'spec', 'hostNetwork') === true) spec['hostNetwork'] = true;
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
    if (what === 'collect') collect(cluster, key, due);
    else if (what === 'gone' && listAt(pod, 'metadata', 'finalizers').length > 0) cluster.due.set(key, { at: due + FINALIZER_MS, what });
    else if (what === 'running') {
      cluster.sandboxes.set(textAt(pod, 'metadata', 'uid'), due);
      store(cluster, key, running(cluster, pod, due), due);
    } else {
      cluster.objects.delete(key);
      cluster.sandboxes.delete(textAt(pod, 'metadata', 'uid'));
      cluster.version += 1;
      replace(cluster, pod, due);
    }
  }
};
