import type { Blocked } from '../core/blocked.ts';
import { count } from '../core/count.ts';
import type { Blocker } from '../core/eviction.ts';
import type { NodeRun } from '../core/reduce.ts';
import { type Reading, agoWords } from './asked.ts';
import { printable } from './text.ts';

/** How many pods are named, where one keeps many. */
const NAMED = 3;

/** Who keeps which pods, a clause each: `PodDisruptionBudget ci/keep keeps ci/r2 (it needs 2 healthy pods …)`. */
export const blockedWords = (by: readonly Blocker[]): string =>
  [...new Set(by.map((one) => one.by))]
    .map((name) => {
      const theirs = by.filter((one) => one.by === name);
      const pods = theirs.length <= NAMED ? theirs.map(({ pod }) => pod).join(', ') : count(theirs.length, 'pod');
      return printable(`${name} keeps ${pods} (${theirs[0]?.why ?? ''})`);
    })
    .join('; ');

/** Who keeps the step that a node is at from going on; undefined when nobody does. */
export const blockedNow = (run: NodeRun): { readonly step: string; readonly by: readonly Blocked[] } | undefined => {
  if (run.outcome !== undefined) return undefined;
  const found = Object.entries(run.steps).find(([, { phase, blocked = [] }]) => phase === 'started' && blocked.length > 0);
  return found && { step: found[0], by: found[1].blocked ?? [] };
};

/** Who keeps each pod, why and since when, a line a pod, the longest kept first. */
export const boardLines = (by: readonly Blocked[], reading: Reading): readonly string[] =>
  by
    .toSorted((a, b) => a.since - b.since)
    .map((one) => {
      const ago = agoWords(one.since, reading);
      return printable(`${one.pod} is kept by ${one.by}${ago === '' ? '' : `, first ${ago}`}: ${one.why}`);
    });

/** Who blocks and since when, as one line; undefined when nobody does. */
export const keptWords = (run: NodeRun, reading: Reading): string | undefined => {
  const now = blockedNow(run);
  if (now === undefined) return undefined;
  const ago = agoWords(Math.min(...now.by.map(({ since }) => since)), reading);
  return `${now.step}: ${blockedWords(now.by)}${ago === '' ? '' : `, first ${ago}`}`;
};
