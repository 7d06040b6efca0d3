import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { lines } from './answer.ts';
import { moduleName, nameOfFile } from './module-name.ts';

/** How many letters have to be put in, left out or changed to make one word of another (Levenshtein). */
export const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const nextRow = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      nextRow.push(Math.min(change, (row[j] ?? 0) + 1, (nextRow[j - 1] ?? 0) + 1));
    }
    row = nextRow;
  }
  return row[b.length] ?? 0;
};

/** A typing mistake is one or two letters; what is further away is another word. */
const MISTAKE = 2;

/** For each name that no installed kernel has as a module, the one it may be a mistake for; null when nothing is near. */
export type ModulesSimilar = { readonly [name: string]: string | null };

/** Looks for names that somebody may have meant, among the modules that begin with the same letters. */
export const modulesSimilar = (names: readonly string[]): Fact<ModulesSimilar> => {
  const initials = [...new Set(names.map((name) => name.charAt(0)).filter((letter) => /\w/.test(letter)))].toSorted().join('');
  return reading(sh`grep -hosE ${`/[${initials}][^/: ]*\\.ko`} /lib/modules/*/modules.dep | sort -u`, ({ stdout }) => {
    const known = [...new Set(lines(stdout).map(nameOfFile))];
    const nearest = (name: string): string | null => {
      const near = known.map((other) => ({ other, distance: editDistance(moduleName(name), other) }));
      return near.filter(({ distance }) => distance <= MISTAKE).toSorted((a, b) => a.distance - b.distance)[0]?.other ?? null;
    };
    const missing = names.filter((name) => !known.includes(moduleName(name))).toSorted();
    return Object.fromEntries(missing.map((name) => [name, nearest(name)]));
  });
};
