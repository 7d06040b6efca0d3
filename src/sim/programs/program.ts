import type { Machine } from '../node/machine.ts';

/** What a program gets: its arguments, the machine it runs on, and who runs it. */
export type Call = {
  readonly machine: Machine;
  readonly user: string;
  readonly args: readonly string[];
  /** Shell variables, all of them exported. */
  readonly variables: Map<string, string>;
  /** Takes what is left on standard input. */
  stdin(): string;
  out(text: string): void;
  err(text: string): void;
  /** Milliseconds of the clock that drives the simulation. */
  now(): number;
  /** Runs a text as a shell of its own; what is not given is as here. */
  run(
    text: string,
    change?: {
      readonly stdin?: string;
      readonly user?: string;
      readonly variables?: ReadonlyMap<string, string>;
      readonly out?: (text: string) => void;
      readonly err?: (text: string) => void;
      readonly now?: () => number;
    },
  ): Running;
};

/** What a program yields to have the connection of its login cut, without an exit status. */
export const CUT = Number.POSITIVE_INFINITY;

/** Runs to its exit code. A program that takes time is a generator that yields the milliseconds it wants to wait. */
export type Running = Generator<number, number, void>;
/** One program of the node: a function of what it gets. */
export type Program = (call: Call) => number | Running;

/** Ends a program that was called in a way the simulator has no answer to. */
export const unknown = (call: Call, program: string): number => {
  call.err(`the simulator does not know: ${[program, ...call.args].join(' ')}\n`);
  return 2;
};

/** Splits arguments into flags (`-x`, `--long`, `--long=value`) and the rest; what `withValue` names takes the next word. */
export const options = (
  args: readonly string[],
  withValue: readonly string[] = [],
): { readonly flags: ReadonlyMap<string, readonly string[]>; readonly rest: readonly string[] } => {
  const flags = new Map<string, string[]>();
  const rest: string[] = [];
  const add = (name: string, value: string): unknown => flags.set(name, [...(flags.get(name) ?? []), value]);
  for (let index = 0; index < args.length; index++) {
    const word = args[index] ?? '';
    const equals = word.indexOf('=');
    if (word === '--') {
      rest.push(...args.slice(index + 1));
      break;
    }
    if (withValue.includes(word)) add(word, args[++index] ?? '');
    else if (word.startsWith('--') && equals > 0) add(word.slice(0, equals), word.slice(equals + 1));
    else if (/^-[^-]/.test(word) && withValue.includes(word.slice(0, 2))) add(word.slice(0, 2), word.slice(2));
    else if (word.startsWith('-') && word.length > 1) add(word, '');
    else rest.push(word);
  }
  return { flags, rest };
};
