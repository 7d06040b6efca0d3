import type { Json } from '../../core/json.ts';
import { type Cluster, type KubeObject, at, listAt, listObjects, store, textAt, timestamp } from './cluster.ts';

/** How often the containers of a pod were restarted. */
export const restartsOf = (pod: KubeObject): number => {
  const count = at(listAt(pod, 'status', 'containerStatuses')[0], 'restartCount');
  return typeof count === 'number' ? count : 0;
};

const containers = (pod: KubeObject, ready: boolean, restartCount: number): Json => [
  { name: textAt(listAt(pod, 'spec', 'containers')[0], 'name'), ready, restartCount },
];

/** A pod that runs in a sandbox of its own, at an address that no other has had. */
export const running = (cluster: Cluster, pod: KubeObject, now: number, ready = true): KubeObject => ({
  ...pod,
  status: {
    phase: 'Running',
    startTime: textAt(pod, 'status', 'startTime') || timestamp(now),
    podIP: `10.244.${(cluster.version >> 8) & 255}.${cluster.version & 255}`,
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: timestamp(now) }],
    containerStatuses: containers(pod, ready, restartsOf(pod)),
  },
});

/** What a kubelet that was started does about the pods of its node: those whose sandbox it finds changed are killed and made anew, in place. */
export const restartLost = (cluster: Cluster, node: string, isLost: (madeAt: number) => boolean, now: number): void => {
  for (const [key, pod] of listObjects(cluster, 'pods')) {
    const lives = textAt(pod, 'status', 'phase') === 'Running' && at(pod, 'metadata', 'deletionTimestamp') === null;
    const own = at(pod, 'spec', 'hostNetwork') !== true;
    const made = cluster.sandboxes.get(textAt(pod, 'metadata', 'uid')) ?? Date.parse(textAt(pod, 'metadata', 'creationTimestamp'));
    if (textAt(pod, 'spec', 'nodeName') !== node || !lives || !own || !isLost(made)) continue;
    const status = {
      phase: 'Running',
      startTime: textAt(pod, 'status', 'startTime'),
      conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: timestamp(now) }],
      containerStatuses: containers(pod, false, restartsOf(pod) + 1),
    };
    store(cluster, key, { ...pod, status }, now);
    cluster.due.set(key, { at: now + cluster.timings.podStartMs, what: 'running' });
  }
};
