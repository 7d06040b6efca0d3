import type { Blocker } from '../core/eviction.ts';
import { count } from './text.ts';

/** Who keeps which pods, one clause each: `PodDisruptionBudget ci/keep keeps ci/r2 (needs 1 healthy pods …)`. */
export const blockedWords = (by: readonly Blocker[]): string => {
  const names = [...new Set(by.map((one) => one.by))];
  return names
    .map((name) => {
      const theirs = by.filter((one) => one.by === name);
      const pods = theirs.length <= 3 ? theirs.map(({ pod }) => pod).join(', ') : count(theirs.length, 'pod');
      return `${name} keeps ${pods} (${theirs[0]?.why ?? ''})`;
    })
    .join('; ');
};
