import type { Evictions } from '../core/action.ts';
import { ClusterError } from '../core/error.ts';
import {
  type Blocker,
  type Evicted,
  type Eviction,
  answeredEviction,
  evictionCall,
  refusedEviction,
  showEviction,
} from '../core/eviction.ts';
import type { PlanItem } from '../core/plan.ts';
import type { Acted } from './act.ts';
import type { Hold } from './hold.ts';
import { LOOK_MS } from './session.ts';

/** How long whoever is not let go yet is left alone; kubectl drain takes the same time. */
const AGAIN_MS = 5000;
/** How many calls are under way at once. */
const LANES = 10;

const evictOne = async ({ session }: Hold, pod: Eviction): Promise<Evicted> => {
  const { assignment, world } = session;
  try {
    return answeredEviction(await world.cluster.call(evictionCall(pod), { signal: assignment.signal, timeoutMs: LOOK_MS }));
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    return refusedEviction(pod, error);
  }
};

/** Takes a few at a time, each as soon as another is done; after a failure none any more, and nothing is under way when it is thrown. */
const sideBySide = async <T, R>(items: readonly T[], one: (item: T) => Promise<R>): Promise<readonly R[]> => {
  const results: R[] = [];
  const failures: unknown[] = [];
  const left = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of left) {
      if (failures.length > 0) return;
      try {
        results[index] = await one(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(LANES, items.length) }, lane));
  if (failures.length > 0) throw failures[0];
  return results;
};

/** Says in the journal who blocks, when that is not who blocked before: a budget that says the same every five seconds fills none. */
export const noteBlockers = async ({ session }: Hold, step: string, by: readonly Blocker[]): Promise<void> => {
  const known = session.run().steps[step]?.blocked ?? [];
  const same = known.length === by.length && by.every((one) => known.some((old) => old.pod === one.pod && old.by === one.by));
  if (!same) await session.append({ type: 'step.blocked', step, by });
};

/**
 * Asks for pods to go, side by side. What is refused for good fails the step only when nothing else is under way any more: as with kubectl
 * drain, one pod that cannot go keeps no other. Who goes stands in the output of the step.
 */
export const evict = async (hold: Hold, { step }: PlanItem, { evict: pods, ending, blocked = [] }: Evictions): Promise<Acted> => {
  const results = await sideBySide(pods, (pod) => evictOne(hold, pod));
  const blockers = results.flatMap((one) => (one.kind === 'later' ? [one.blocker] : []));
  const never = results.flatMap((one) => (one.kind === 'never' ? [one.why] : []));
  await noteBlockers(hold, step.id, [...blockers, ...blocked]);
  const { assignment, world } = hold.session;
  const going = pods.filter((_, index) => results[index]?.kind === 'going').map(showEviction);
  if (going.length > 0) await world.journal.output(assignment.runId, assignment.node.name, step.id, going);
  if (never.length > 0 && never.length === pods.length && ending === 0) {
    const { node } = hold.session.assignment;
    return { kind: 'refused', error: new ClusterError(`${node.name}: ${step.title}: ${never.join('; ')}`) };
  }
  const waits = [...blockers.map(({ pod, by, why }) => `${pod} is kept by ${by}: ${why}`), ...never];
  const gone = results.some(({ kind }) => kind === 'gone');
  return { kind: 'pending', why: waits, ...(waits.length > 0 && !gone && { againInMs: AGAIN_MS }) };
};
