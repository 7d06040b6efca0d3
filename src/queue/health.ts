import { errorData } from '../core/error.ts';
import type { RunSpec } from '../core/event.ts';
import { type CallFact, questions } from '../core/fact.ts';
import type { Json } from '../core/json.ts';
import type { Node } from '../core/node.ts';
import type { Plan } from '../core/plan.ts';
import type { Health } from '../core/standing.ts';
import type { StepContext } from '../core/step.ts';
import { type NodeHealth, fleetHealth, nodeHealth } from '../facts/cluster-node.ts';
import type { Channels } from './station.ts';

/** Up to so many nodes are asked for one by one; a larger run lists the cluster's. */
const ONE_BY_ONE = 20;
const ASK_MS = 10_000;

/** Whether a plan has anything to do with Kubernetes: only then do nodes have to be Ready there. */
export const asksKubernetes = (plan: Plan, node: Node): boolean => {
  const ctx: StepContext = { runId: '', direction: 'forward', node, answers: {}, awaiting: [] };
  return plan.items.some(({ step }) => questions(step.observe(ctx)).some(({ via }) => via === 'kubernetes'));
};

const healthOf = (name: string, seen: NodeHealth | undefined): Health => {
  if (!seen) return { ready: false, why: `the cluster has no node ${name}` };
  return seen.ready === 'True' ? { ready: true, why: '' } : { ready: false, why: `not Ready in the cluster (Ready is ${seen.ready})` };
};

/**
 * Asks Kubernetes which nodes of a run are Ready. Those that it does not tell of, because it cannot be reached or says nothing that makes
 * sense, are `unknown`.
 */
export const askHealth = async (
  { cluster }: Pick<Channels, 'cluster'>,
  spec: RunSpec,
  signal: AbortSignal,
): Promise<Readonly<Record<string, Health>>> => {
  const names = spec.nodes.map(({ name }) => name);
  const ask = async <S extends Json>(fact: CallFact<S>): Promise<S> =>
    fact.parse(await cluster.call(fact.call, { signal, timeoutMs: ASK_MS }));
  try {
    if (names.length > ONE_BY_ONE) {
      const all = await ask(fleetHealth);
      return Object.fromEntries(names.map((name) => [name, healthOf(name, all[name])]));
    }
    return Object.fromEntries(await Promise.all(names.map(async (name) => [name, healthOf(name, await ask(nodeHealth(name)))] as const)));
  } catch (error) {
    const { message } = errorData(error);
    return Object.fromEntries(names.map((name) => [name, { ready: 'unknown', why: message } as const]));
  }
};
