import type { NodeRun } from '../core/reduce.ts';
import { type Verdict, showVerdict } from '../core/verdict.ts';
import { type ByItself, type Found, type WayOut, foundNow, wayOut } from '../core/way-out.ts';
import { type Reading, boundAt } from './asked.ts';
import { type Colour, printable } from './text.ts';

/** How a time of `ByItself` is told: as a time of day, or from now. */
export type When = { until(at: number): string; from(at: number): string };

/** Times of day, with the day where it is not near. */
export const byTheClock = (reading: Reading): When => ({
  until: (at) => ` until ${boundAt(at, reading)}`,
  from: (at) => `, not before ${boundAt(at, reading)}`,
});

const signs: Readonly<Record<Verdict['verdict'], { readonly sign: string; readonly colour: Colour }>> = {
  'rebooted-at-new': { sign: '·', colour: 'cyan' },
  'rebooted-at-old': { sign: '!', colour: 'yellow' },
  'not-rebooted': { sign: '·', colour: 'cyan' },
  'another-machine': { sign: '!', colour: 'yellow' },
  nobody: { sign: '?', colour: 'yellow' },
};

/** A verdict as a line tells it: its sign, and where the node was found, or who else. */
export const verdictSaid = (
  { verdict }: Pick<Found, 'verdict'>,
  guarded: boolean,
): { readonly sign: string; readonly words: string; readonly colour: Colour } => ({
  ...signs[verdict.verdict],
  words: printable(showVerdict(verdict, guarded)),
});

const byItself = ({ does, from, until }: ByItself, when: When): string =>
  `${does}${until === undefined ? '' : when.until(until)}${from === undefined ? '' : when.from(from)}`;

/** A way out in a line for people and one for drover; what was said already is left out. */
export const nextLines = ({ waits, person, drover }: WayOut, when: When, said = ''): readonly string[] => {
  const todo = person.filter((one) => !said.includes(one));
  return [
    ...(waits === null ? [] : [`waits: ${waits}`]),
    ...(todo.length === 0 ? [] : [`you: ${printable(todo.join('; '))}`]),
    ...(drover.length === 0 ? [] : [`drover: ${printable(drover.map((one) => byItself(one, when)).join('; '))}`]),
  ];
};

/** The verdict that matters to a node now, with the way out of it as things are now; undefined when there is none. */
export const wayOutOf = (runId: string, name: string, run: NodeRun): { readonly found: Found; readonly next: WayOut } | undefined => {
  const found = foundNow(run);
  return found && { found, next: wayOut(runId, name, run, found) };
};

/**
 * What is to be known of where a node was found, in lines; none when there is nothing to wait for.
 *
 * @param said what was told of the node before, so that no command comes twice
 */
export const wayOutLines = (runId: string, name: string, run: NodeRun, when: When, said = ''): readonly string[] => {
  const way = wayOutOf(runId, name, run);
  if (!way || (way.found.verdict.verdict === 'rebooted-at-new' && run.guard === undefined)) return [];
  return [
    `${name}: ${verdictSaid(way.found, run.guard !== undefined).words}`,
    ...nextLines(way.next, when, said).map((line) => `  ${line}`),
  ];
};
