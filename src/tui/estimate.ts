import { windowOf } from '../core/rollout.ts';
import type { Model } from './model.ts';

/**
 * How long the run will take from now on, from how long its nodes took so far; undefined when nothing can be said.
 *
 * Nodes at work are taken to need what is left of the mean, pending ones all of it, as many at once as the window has room for.
 */
export const leftMs = (model: Model): number | undefined => {
  const { durations, counts, run, now, nodes, begun, spec, wave } = model;
  if (durations.count === 0 || wave?.wave === 'rollback' || run.runOutcome !== undefined || run.halted !== undefined) return undefined;
  const mean = durations.totalMs / durations.count;
  const rests = begun.filter((start) => start > 0).map((start) => Math.max(0, mean - (now - start)));
  const open = rests.length + counts.pending;
  if (open === 0) return undefined;
  const atOnce = Math.max(1, Math.min(windowOf(spec.rollout, nodes.length), open));
  const work = rests.reduce((sum, rest) => sum + rest, 0) + counts.pending * mean;
  const soak = Math.max(0, (run.soakUntil ?? 0) - now);
  return soak + rests.reduce((most, rest) => Math.max(most, rest), work / atOnce);
};
