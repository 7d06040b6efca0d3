import type { ApiRequest, ApiResponse } from './action.ts';
import type { DroverError } from './error.ts';
import { type Json, isJsonObject } from './json.ts';

/** A pod that has to go, and how: `delete` passes its PodDisruptionBudgets by. The uid is a precondition: another pod of that name stays. */
export type Eviction = {
  readonly by: 'evict' | 'delete';
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Absent: the pod's own. */
  readonly graceSeconds?: number;
  /** The PodDisruptionBudgets that choose it, by name. */
  readonly budgets: readonly string[];
};

/** Who keeps a pod from going, and why, in words. */
export type Blocker = { readonly pod: string; readonly by: string; readonly why: string };

/** What came of one eviction. `later`: not yet, asked for again. `never`: to ask again would end the same. */
export type Evicted =
  | { readonly kind: 'going' | 'gone' }
  | { readonly kind: 'later'; readonly blocker: Blocker }
  | { readonly kind: 'never'; readonly why: string };

/** How people name a pod: `NAMESPACE/NAME`. */
export const podName = ({ namespace, name }: Pick<Eviction, 'namespace' | 'name'>): string => `${namespace}/${name}`;

/** One eviction in words: `evict ci/web-1 with 30 s to end`. */
export const showEviction = ({ by, graceSeconds, ...pod }: Eviction): string =>
  `${by} ${podName(pod)}${graceSeconds === undefined ? '' : ` with ${graceSeconds} s to end`}`;

/** The API path of a pod. */
export const podPath = ({ namespace, name }: Pick<Eviction, 'namespace' | 'name'>): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`;

/** The call that asks for one pod to go. */
export const evictionCall = (pod: Eviction): ApiRequest => {
  const options = {
    ...(pod.graceSeconds !== undefined && { gracePeriodSeconds: pod.graceSeconds }),
    preconditions: { uid: pod.uid },
  };
  if (pod.by === 'delete')
    return { via: 'kubernetes', method: 'DELETE', path: podPath(pod), body: { kind: 'DeleteOptions', apiVersion: 'v1', ...options } };
  return {
    via: 'kubernetes',
    method: 'POST',
    path: `${podPath(pod)}/eviction`,
    body: {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: pod.name, namespace: pod.namespace },
      deleteOptions: options,
    },
  };
};

/** Reads what the API answered. 404, and 409 for another uid: that pod has gone already; a look tells. */
export const answeredEviction = ({ status }: ApiResponse): Evicted => ({ kind: status < 300 ? 'going' : 'gone' });

const causesOf = (detail: Json | undefined): readonly { readonly reason: Json; readonly message: string }[] => {
  const causes = isJsonObject(detail) && Array.isArray(detail['causes']) ? detail['causes'] : [];
  return causes.filter(isJsonObject).map(({ reason = null, message }) => ({ reason, message: typeof message === 'string' ? message : '' }));
};

/** What the API says of a budget, apart from its name: `The disruption budget NAME needs 2 healthy pods and has 1 currently`. */
const budgetIn = (message: string): { readonly name?: string; readonly why: string } => {
  const [, name, rest] = /^The disruption budget (\S+) (.*)$/s.exec(message) ?? [];
  return name === undefined ? { why: message } : { name, why: `it ${rest}` };
};

/** How people name a PodDisruptionBudget. */
export const budgetName = (namespace: string, name: string): string => `PodDisruptionBudget ${namespace}/${name}`;

/** Why a pod with more than one budget cannot be evicted, whatever they allow. */
export const twoBudgets = (pod: Pick<Eviction, 'namespace' | 'name' | 'budgets'>): string => {
  const names = pod.budgets.length > 1 ? ` (${pod.budgets.map((name) => `${pod.namespace}/${name}`).join(', ')})` : '';
  return `${podName(pod)} has more than one PodDisruptionBudget${names}, and the API evicts no such pod: leave only one that chooses it`;
};

/**
 * Reads a refusal as kubectl drain does: 429 and a namespace that is about to go are asked for again, all else fails that pod.
 *
 * Beyond it: what is transient for other calls is so here.
 */
export const refusedEviction = (pod: Eviction, error: DroverError): Evicted => {
  const { detail } = error;
  const [status, said] = isJsonObject(detail) ? [detail['status'], detail['said']] : [null, null];
  const causes = causesOf(detail);
  const later = (by: string, why: string): Evicted => ({ kind: 'later', blocker: { pod: podName(pod), by, why } });
  const budget = causes.find(({ reason }) => reason === 'DisruptionBudget');
  if (status === 429 && budget) {
    const { name = pod.budgets[0], why } = budgetIn(budget.message);
    return later(name === undefined ? 'a PodDisruptionBudget' : budgetName(pod.namespace, name), why);
  }
  if (status === 403 && causes.some(({ reason }) => reason === 'NamespaceTerminating'))
    return later(`namespace ${pod.namespace}`, 'it is about to go, and takes its pods along');
  if (status === 500 && typeof said === 'string' && said.includes('more than one PodDisruptionBudget'))
    return { kind: 'never', why: twoBudgets(pod) };
  return error.transient ? later('the API server', error.message) : { kind: 'never', why: `${podName(pod)}: ${error.message}` };
};
