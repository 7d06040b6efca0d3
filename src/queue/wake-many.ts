import type { RunState } from '../core/standing.ts';
import { atOnce } from './at-once.ts';
import type { Station } from './station.ts';

/** A node whose situation is the same is not woken again for this long: its job is there, or somebody lost it. */
const AGAIN_MS = 1900;

type Woken = { readonly as: string; readonly at: number };
const woken = new WeakMap<Station, Map<string, Woken>>();

/** Makes sure that workers look at these nodes. Nodes that were woken a moment ago, and to which nothing has happened since, are left out. */
export const wakeMany = async (station: Station, runId: string, names: readonly string[], state: RunState): Promise<void> => {
  const known = woken.get(station) ?? new Map<string, Woken>();
  woken.set(station, known);
  const now = station.clock.now();
  for (const [key, { at }] of known) if (now - at >= AGAIN_MS) known.delete(key);
  const due = names.filter((name) => {
    const as = `${state.nodes[name]?.seq ?? 0}/${state.run.admitted[name] ?? ''}/${state.said[name]?.id ?? ''}`;
    const key = `${runId}/${name}`;
    if (known.get(key)?.as === as) return false;
    known.set(key, { as, at: now });
    return true;
  });
  await atOnce(due, async (name) => station.wakes.node(runId, name));
};
