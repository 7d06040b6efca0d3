import type { Blocker } from './eviction.ts';

/** Who keeps a pod from going; `since` is epoch ms. */
export type Blocked = Blocker & { readonly since: number };

/** What `step.blocked` tells, after what was known: whoever still blocks the same pod does so since then. */
export const blockedBy = (known: readonly Blocked[] = [], event: { readonly by: readonly Blocker[]; readonly at: number }): readonly Blocked[] =>
  event.by.map((one) => ({ ...one, since: known.find((old) => old.pod === one.pod && old.by === one.by)?.since ?? event.at }));
