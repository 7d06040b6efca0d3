import { count } from './count.ts';
import type { Duration } from './duration.ts';
import { UsageError } from './error.ts';
import type { Node } from './node.ts';

/** A share of the run's nodes, e.g. `25%`. */
export type Percentage = `${number}%`;

/** How a run goes over its nodes. */
export type Rollout = {
  /** Nodes that go first and alone; the others begin when all of these have succeeded. 0: none. */
  readonly canary: number;
  /** How long the canaries must stay healthy before the others begin. */
  readonly soak?: Duration;
  /** How many nodes may be out of service at once, also for other reasons; at least 1. A percentage is of the run's nodes, rounded down. */
  readonly maxUnavailable: number | Percentage;
  /** Failed, unreachable and rolled back all count; past it nothing new starts. */
  readonly maxFailures: number;
  /** A node label: never two nodes with the same value at once. */
  readonly spread?: string;
};

const percentPattern = /^\d+(?:\.\d+)?%$/;
/** Tells whether a text is a percentage. */
export const isPercentage = (text: string): text is Percentage => percentPattern.test(text);

/** How many of `count` nodes may be out of service at once; as in a PodDisruptionBudget a percentage, but rounded down and at least 1. */
export const windowOf = ({ maxUnavailable }: Rollout, count: number): number =>
  Math.max(1, Math.floor(typeof maxUnavailable === 'number' ? maxUnavailable : (Number.parseFloat(maxUnavailable) / 100) * count));

/** Checks that a rollout makes sense for these nodes. @throws UsageError that names the setting, what it is and what it may be */
export const checkRollout = (rollout: Rollout, nodes: readonly Node[]): void => {
  const { canary, maxUnavailable, maxFailures, spread } = rollout;
  const refuse = (setting: string, is: string, must: string): never => {
    throw new UsageError(`${setting} is ${is}; ${must}`);
  };
  const whole = (value: number, least: number): boolean => Number.isSafeInteger(value) && value >= least;
  if (!whole(canary, 0)) refuse('canary', `${canary}`, 'it is a number of nodes, 0 for none');
  if (canary > nodes.length) refuse('canary', `${canary}`, `the run has only ${count(nodes.length, 'node')}; canaries are some of them`);
  if (!whole(maxFailures, 0)) refuse('max-failures', `${maxFailures}`, 'it is a number of nodes, 0 to stop at the first');
  if (typeof maxUnavailable === 'number') {
    if (!whole(maxUnavailable, 1)) refuse('max-unavailable', `${maxUnavailable}`, 'it is a number of nodes, at least 1, or a percentage');
  } else {
    const percent = isPercentage(maxUnavailable) ? Number.parseFloat(maxUnavailable) : Number.NaN;
    if (!(percent > 0 && percent <= 100)) refuse('max-unavailable', maxUnavailable, 'a percentage is above 0% and at most 100%');
  }
  const without = spread === undefined ? [] : nodes.filter(({ labels }) => labels[spread] === undefined);
  if (spread !== undefined && without.length > 0)
    refuse('spread', spread, `${without.map(({ name }) => name).join(', ')} ${without.length === 1 ? 'has' : 'have'} no such label`);
};
