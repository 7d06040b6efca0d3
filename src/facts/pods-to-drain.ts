import { type Fact, deriving } from '../core/fact.ts';
import { daemonSets } from './daemon-sets.ts';
import { type DisruptionBudget, disruptionBudgets } from './disruption-budgets.ts';
import { selects } from './label-selector.ts';
import { type Pod, podsOn } from './pods.ts';

/** What a PodDisruptionBudget allows now. */
export type Allowance = Omit<DisruptionBudget, 'name' | 'namespace' | 'selector'>;

/** A pod of a node that is drained, with what keeps it: the names of the budgets that choose it, and whether its DaemonSet is gone. */
export type DrainPod = Omit<Pod, 'labels'> & { readonly budgets: readonly string[]; readonly orphan: boolean };

/** The pods of a node, and the budgets that choose some of them, by `NAMESPACE/NAME`. */
export type PodsToDrain = { readonly budgets: Readonly<Record<string, Allowance>>; readonly pods: readonly DrainPod[] };

type Parts = { readonly budgets: readonly DisruptionBudget[]; readonly daemonSets: readonly string[]; readonly pods: readonly Pod[] };

/** Puts pods, budgets and DaemonSets together, and leaves out what no pod of the node has to do with. */
export const joinPods = ({ budgets, daemonSets: sets, pods }: Parts): PodsToDrain => {
  const of = (pod: Pod): readonly DisruptionBudget[] =>
    budgets.filter(({ namespace, selector }) => namespace === pod.namespace && selects(selector, pod.labels));
  const used = new Set(pods.flatMap(of));
  return {
    budgets: Object.fromEntries(
      budgets.filter((one) => used.has(one)).map(({ name, namespace, selector: _selector, ...allows }) => [`${namespace}/${name}`, allows]),
    ),
    pods: pods.map(({ labels, ...pod }) => ({
      ...pod,
      budgets: of({ labels, ...pod }).map(({ name }) => name),
      orphan: pod.controller?.kind === 'DaemonSet' && !sets.includes(`${pod.namespace}/${pod.controller.name}`),
    })),
  };
};

/**
 * Reads the pods of a node and all that decides whether they can go, by three calls.
 *
 * @param selector a label selector as kubectl takes it: only these pods
 */
export const podsToDrain = (node: string, selector?: string): Fact<PodsToDrain> =>
  deriving<Parts, PodsToDrain>({ all: { budgets: disruptionBudgets(), daemonSets: daemonSets(), pods: podsOn(node, selector) } }, joinPods);
