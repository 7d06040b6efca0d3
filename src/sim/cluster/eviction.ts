import type { Json } from '../../core/json.ts';
import { type ApiAnswer, failure } from './answer.ts';
import { type Cluster, type KubeObject, at, keyOf, listObjects, store, textAt, withPart } from './cluster.ts';
import { isFinished, isHealthy, isReady, terminate } from './pods.ts';
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

/** Makes a budget for the pods of some labels; it needs one of `minAvailable` and `maxUnavailable`. */
export const addBudget = (
  cluster: Cluster,
  options: {
    readonly namespace: string;
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly minAvailable?: number | `${number}%`;
    readonly maxUnavailable?: number | `${number}%`;
    readonly unhealthyPodEvictionPolicy?: 'IfHealthyBudget' | 'AlwaysAllow';
  },
  now: number,
): KubeObject => {
  const { namespace, name, labels, ...spec } = options;
  return store(
    cluster,
    keyOf('poddisruptionbudgets', namespace, name),
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name, namespace },
      spec: { ...spec, selector: { matchLabels: { ...labels } } },
    },
    now,
  );
};

const evicted: ApiAnswer = { status: 201, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };

/** What a caller must not be wrong about: the uid of a pod that it wants deleted. */
export const wrongUid = (pod: KubeObject, options: Json): ApiAnswer | undefined => {
  const [wanted, is] = [textAt(options, 'preconditions', 'uid'), textAt(pod, 'metadata', 'uid')];
  if (wanted === '' || wanted === is) return undefined;
  const message = `Operation cannot be fulfilled on Pod "${textAt(pod, 'metadata', 'name')}": the UID in the precondition (${wanted}) does not match the UID in record (${is}). The object might have been deleted and then recreated`;
  return failure(409, 'Conflict', message);
};

/** The grace that a caller gives, in seconds; undefined leaves the pod its own. */
export const graceIn = (options: Json): number | undefined => {
  const grace = at(options, 'gracePeriodSeconds');
  return typeof grace === 'number' ? grace : undefined;
};

const because = (answer: ApiAnswer, reason: string, message: string): ApiAnswer => ({
  ...answer,
  body: withPart(answer.body, ['details', 'causes'], [{ reason, message }]),
});

/** Whether the budgets of a pod let it go; the refusal where they do not. Source: the API server, registry/core/pod/storage/eviction.go. */
const held = (cluster: Cluster, pod: KubeObject): ApiAnswer | undefined => {
  if (isFinished(pod) || textAt(pod, 'status', 'phase') === 'Pending' || at(pod, 'metadata', 'deletionTimestamp') !== null)
    return undefined;
  const [budget, ...others] = listObjects(cluster, 'poddisruptionbudgets', textAt(pod, 'metadata', 'namespace'))
    .map(([, one]) => one)
    .filter((one) => chosenBy(pod, at(one, 'spec', 'selector')));
  if (budget === undefined) return undefined;
  if (others.length > 0)
    return failure(500, '', 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
  const { currentHealthy, desiredHealthy, disruptionsAllowed } = budgetStatus(cluster, budget);
  const always = at(budget, 'spec', 'unhealthyPodEvictionPolicy') === 'AlwaysAllow';
  if (!isReady(pod) && (always || (currentHealthy >= desiredHealthy && desiredHealthy > 0))) return undefined;
  if (disruptionsAllowed > 0) return undefined;
  const message = `The disruption budget ${textAt(budget, 'metadata', 'name')} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  const refused = failure(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.");
  return because(refused, 'DisruptionBudget', message);
};

/** The Eviction API: 201, 429 with the budget that says not yet, 500 for more than one, 403 in a namespace that is about to go. */
export const evict = (cluster: Cluster, namespace: string, name: string, body: Json, now: number): ApiAnswer => {
  const key = keyOf('pods', namespace, name);
  const options = at(body, 'deleteOptions');
  if (at(cluster.objects.get(keyOf('namespaces', '', namespace)), 'metadata', 'deletionTimestamp') !== null) {
    const message = `pods "${name}" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`;
    return because(failure(403, 'Forbidden', message), 'NamespaceTerminating', `namespace ${namespace} is being terminated`);
  }
  const pod = cluster.objects.get(key);
  if (!pod) return failure(404, 'NotFound', `pods "${name}" not found`);
  const refused = wrongUid(pod, options) ?? held(cluster, pod);
  if (refused) return refused;
  terminate(cluster, key, now, graceIn(options));
  return evicted;
};
