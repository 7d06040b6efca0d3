import { type Cluster, type KubeObject, at, keyOf, listAt, listObjects, textAt } from './cluster.ts';
import { isFinished, isHealthy } from './pods.ts';

/** The ReplicaSets or StatefulSets that the pods belong to, made when they are asked for: each is to have as many pods as there are, those that end included. */
export const replicated = (cluster: Cluster, kind: string): readonly (readonly [string, KubeObject])[] => {
  if (kind !== 'ReplicaSet' && kind !== 'StatefulSet') return [];
  const sets = new Map<string, { namespace: string; name: string; replicas: number; readyReplicas: number }>();
  for (const [, pod] of listObjects(cluster, 'pods')) {
    const owner = listAt(pod, 'metadata', 'ownerReferences').find((one) => at(one, 'controller') === true && textAt(one, 'kind') === kind);
    if (owner === undefined || isFinished(pod)) continue;
    const [namespace, name] = [textAt(pod, 'metadata', 'namespace'), textAt(owner, 'name')];
    const known = sets.get(`${namespace}/${name}`) ?? { namespace, name, replicas: 0, readyReplicas: 0 };
    const readyReplicas = known.readyReplicas + (isHealthy(pod) ? 1 : 0);
    sets.set(`${namespace}/${name}`, { ...known, replicas: known.replicas + 1, readyReplicas });
  }
  return [...sets.values()].map(({ namespace, name, replicas, readyReplicas }) => [
    keyOf(`${kind.toLowerCase()}s`, namespace, name),
    { apiVersion: 'apps/v1', kind, metadata: { name, namespace }, spec: { replicas }, status: { replicas, readyReplicas } },
  ]);
};
