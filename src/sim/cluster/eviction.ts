import { type ApiAnswer, failure } from './answer.ts';
import { type Cluster, type KubeObject, at, keyOf, listObjects, store, textAt, withPart } from './cluster.ts';
import { isHealthy, terminate } from './pods.ts';
import { chosenBy } from './selectors.ts';

const amount = (value: unknown, of: number, up: boolean): number => {
  if (typeof value === 'number') return value;
  const percent = (Number(/^(\d+)%$/.exec(String(value))?.[1] ?? 0) * of) / 100;
  return up ? Math.ceil(percent) : Math.floor(percent);
};

/** What a PodDisruptionBudget allows right now. */
export const budgetStatus = (
  cluster: Cluster,
  budget: KubeObject,
): {
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly disruptionsAllowed: number;
  readonly expectedPods: number;
} => {
  const pods = listObjects(cluster, 'pods', textAt(budget, 'metadata', 'namespace')).filter(([, pod]) =>
    chosenBy(pod, at(budget, 'spec', 'selector')),
  );
  const expectedPods = pods.length;
  const currentHealthy = pods.filter(([, pod]) => isHealthy(pod)).length;
  const [least, most] = [at(budget, 'spec', 'minAvailable'), at(budget, 'spec', 'maxUnavailable')];
  const desiredHealthy =
    least !== null ? amount(least, expectedPods, true) : Math.max(0, expectedPods - amount(most ?? 0, expectedPods, true));
  return { currentHealthy, desiredHealthy, disruptionsAllowed: Math.max(0, currentHealthy - desiredHealthy), expectedPods };
};

/** A budget as the API shows it, its status fresh. */
export const withBudgetStatus = (cluster: Cluster, budget: KubeObject): KubeObject => ({
  ...budget,
  status: { observedGeneration: 1, ...budgetStatus(cluster, budget) },
});

/** Makes a budget for the pods of some labels. */
export const addBudget = (
  cluster: Cluster,
  options: {
    readonly namespace: string;
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly minAvailable: number;
  },
  now: number,
): KubeObject =>
  store(
    cluster,
    keyOf('poddisruptionbudgets', options.namespace, options.name),
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: options.name, namespace: options.namespace },
      spec: { minAvailable: options.minAvailable, selector: { matchLabels: { ...options.labels } } },
    },
    now,
  );

/** The Eviction API: 201, or 429 with the budget that says not yet. */
export const evict = (cluster: Cluster, namespace: string, name: string, now: number): ApiAnswer => {
  const key = keyOf('pods', namespace, name);
  const pod = cluster.objects.get(key);
  if (!pod) return failure(404, 'NotFound', `pods "${name}" not found`);
  for (const [, budget] of listObjects(cluster, 'poddisruptionbudgets', namespace)) {
    if (!chosenBy(pod, at(budget, 'spec', 'selector')) || at(pod, 'metadata', 'deletionTimestamp') !== null || !isHealthy(pod)) continue;
    const { currentHealthy, desiredHealthy, disruptionsAllowed } = budgetStatus(cluster, budget);
    if (disruptionsAllowed > 0) continue;
    const message = `The disruption budget ${textAt(budget, 'metadata', 'name')} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
    const refused = failure(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.");
    return { ...refused, body: withPart(refused.body, ['details', 'causes'], [{ reason: 'DisruptionBudget', message }]) };
  }
  terminate(cluster, key, now);
  return { status: 201, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };
};
