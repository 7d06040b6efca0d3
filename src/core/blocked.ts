import type { Asked } from './asked.ts';
import type { Blocker } from './eviction.ts';
import type { Json } from './json.ts';

/** Who keeps a pod from going; `since` is epoch ms. */
export type Blocked = Blocker & { readonly since: number };

/** What keeps a step besides time, and what came of it. */
export type Kept = {
  readonly asked?: Asked;
  /** What people answered to it since it began in the plan that runs. */
  readonly answer?: Json;
  /** Who keeps it from going on now, and since when. */
  readonly blocked?: readonly Blocked[];
};

/** What `step.blocked` tells, after what was known: whoever still blocks the same pod does so since then. */
export const blockedBy = (
  known: readonly Blocked[] = [],
  event: { readonly by: readonly Blocker[]; readonly at: number },
): readonly Blocked[] =>
  event.by.map((one) => ({ ...one, since: known.find((old) => old.pod === one.pod && old.by === one.by)?.since ?? event.at }));
