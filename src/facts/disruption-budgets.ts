import { type CallFact, calling } from '../core/fact.ts';
import type { Json } from '../core/json.ts';
import { field, listed, number, text } from './api-object.ts';

/** A PodDisruptionBudget: whom it chooses, and what it allows now. */
export type DisruptionBudget = {
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly disruptionsAllowed: number;
  readonly expectedPods: number;
  readonly name: string;
  readonly namespace: string;
  /** A LabelSelector; null chooses nothing. */
  readonly selector: Json;
  /** `AlwaysAllow`: running pods that are not Ready may go whatever it allows. */
  readonly unhealthy: string;
};

/** Reads the PodDisruptionBudgets of the cluster. @throws before Kubernetes 1.22, which has no policy/v1 */
export const disruptionBudgets = (): CallFact<readonly DisruptionBudget[]> =>
  calling({ via: 'kubernetes', method: 'GET', path: '/apis/policy/v1/poddisruptionbudgets' }, (response) => {
    if (response.status === 404) throw new Error('the cluster has no policy/v1; draining needs Kubernetes 1.22 or later');
    return listed('the PodDisruptionBudgets', response).map((one) => {
      const count = (name: string): number => number(field(one, 'status', name)) ?? 0;
      return {
        currentHealthy: count('currentHealthy'),
        desiredHealthy: count('desiredHealthy'),
        disruptionsAllowed: count('disruptionsAllowed'),
        expectedPods: count('expectedPods'),
        name: text(field(one, 'metadata', 'name')),
        namespace: text(field(one, 'metadata', 'namespace')),
        selector: field(one, 'spec', 'selector'),
        unhealthy: text(field(one, 'spec', 'unhealthyPodEvictionPolicy')) || 'IfHealthyBudget',
      };
    });
  });
