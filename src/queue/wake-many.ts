import type { RunState } from '../core/standing.ts';
import { atOnce } from './at-once.ts';
import type { Station } from './station.ts';

/** A node that was woken for a reason is not woken for the same one again for this long: its job is there, or somebody lost it. */
const AGAIN_MS = 1900;
/** The longest that it is left alone; each time twice as long as the time before. */
const SELDOM_MS = 16_000;

type Woken = { readonly as: string; readonly at: number; readonly forMs: number };
const woken = new WeakMap<Station, Map<string, Woken>>();

/**
 * Makes sure that workers look at these nodes.
 *
 * A reason is the round a node was admitted to, and what somebody said to it. A node that makes progress is at work: that is none.
 */
export const wakeMany = async (
  station: Station,
  runId: string,
  names: readonly string[],
  state: Pick<RunState, 'run' | 'said'>,
): Promise<void> => {
  const known = woken.get(station) ?? new Map<string, Woken>();
  woken.set(station, known);
  const now = station.clock.now();
  for (const [key, { at }] of known) if (now - at >= 2 * SELDOM_MS) known.delete(key);
  const due = names.filter((name) => {
    const as = `${state.run.admitted[name] ?? ''}/${state.said[name]?.id ?? ''}`;
    const key = `${runId}/${name}`;
    const last = known.get(key);
    const same = last?.as === as;
    if (same && now - last.at < last.forMs) return false;
    known.set(key, { as, at: now, forMs: same ? Math.min(2 * last.forMs, SELDOM_MS) : AGAIN_MS });
    return true;
  });
  await atOnce(due, async (name) => station.wakes.node(runId, name));
};
