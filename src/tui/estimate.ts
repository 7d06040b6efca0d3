import { windowOf } from '../core/rollout.ts';
import type { Model, NodeView } from './model.ts';

const isMoving = ({ standing }: NodeView): boolean => standing === 'running' || standing === 'parked' || standing === 'waits';

// asked at every tick of the clock, with the same nodes
const starts = new WeakMap<readonly NodeView[], readonly (number | undefined)[]>();
const startsOf = ({ nodes }: Model): readonly (number | undefined)[] => {
  const known = starts.get(nodes) ?? nodes.filter(isMoving).map(({ run }) => run.startedAt);
  starts.set(nodes, known);
  return known;
};

/**
 * How long the run will take from now on, from how long its nodes took so far; undefined when nothing can be said.
 *
 * Nodes at work are taken to need what is left of the mean, pending ones all of it, as many at once as the window has room for.
 */
export const leftMs = (model: Model): number | undefined => {
  const { durations, counts, run, now, nodes, spec, wave } = model;
  if (durations.count === 0 || wave?.wave === 'rollback' || run.runOutcome !== undefined || run.halted !== undefined) return undefined;
  const mean = durations.totalMs / durations.count;
  const moving = counts.running + counts.parked + counts.waits;
  if (moving + counts.pending === 0) return undefined;
  const rests = startsOf(model).map((start = now) => Math.max(0, mean - (now - start)));
  const atOnce = Math.max(1, Math.min(windowOf(spec.rollout, nodes.length), moving + counts.pending));
  const work = rests.reduce((sum, rest) => sum + rest, 0) + counts.pending * mean;
  const soak = Math.max(0, (run.soakUntil ?? 0) - now);
  return soak + rests.reduce((most, rest) => Math.max(most, rest), work / atOnce);
};
