import { clockTime } from './plain.ts';
import { printable } from '../words/text.ts';

/** A line that a command printed. */
export type OutputLine = { readonly at: number; readonly step: string; readonly line: string };

/** How much of a stream's output was printed already: all before `at`, and `count` lines of that very millisecond. */
export type Printed = { readonly at: number; readonly count: number };

/** Nothing was printed yet. */
export const nothingPrinted: Printed = { at: 0, count: 0 };

/** The lines that were not printed yet, and the new mark. Old lines may have fallen out of the capped stream meanwhile. */
export const newLines = (
  all: readonly OutputLine[],
  printed: Printed,
): { readonly fresh: readonly OutputLine[]; readonly printed: Printed } => {
  const later = all.filter(({ at }) => at > printed.at);
  const same = all.filter(({ at }) => at === printed.at).slice(printed.count);
  const last = all.at(-1)?.at;
  if (last === undefined) return { fresh: [], printed };
  return { fresh: [...same, ...later], printed: { at: last, count: all.filter(({ at }) => at === last).length } };
};

/** A line of output for people. */
export const showOutput = (node: string, { at, step, line }: OutputLine, timeZone?: string): string =>
  `${clockTime(at, timeZone)} ${node}  ${step} | ${printable(line)}`;
