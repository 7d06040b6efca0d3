import { UsageError } from '../../core/error.ts';
import type { Guard } from '../../core/ports.ts';
import { libraryFor } from './node-library.ts';

/** A command with its secrets resolved, as it goes over the wire; never shown, stored or put into an error. */
export type PlainCommand = {
  readonly text: string;
  readonly stdin: string;
  readonly durable: boolean;
  readonly secrets: Readonly<Record<string, string>>;
};

/** What the wrapper on the node is told with a mutating command. */
export type GuardedCommand = { readonly command: PlainCommand; readonly guard: Guard; readonly machineId: string };

const word = (text: string): string => {
  if (text.includes('\0')) throw new UsageError('a command or its input holds a NUL byte, which no shell can carry; send it as base64');
  return `'${text.replaceAll("'", `'\\''`)}'`;
};
const line = (name: string, words: readonly string[]): string => [name, ...words.map(word)].join(' ');
const textOf = (command: PlainCommand): string => (command.durable ? `drover_durable ${word(command.text)}` : command.text);
/** Step ids go into a line of words on the node. */
const oneWord = (id: string): string => id.replaceAll(/\s+/g, '_');

/**
 * A whole script for the standard input of `sh -s`.
 *
 * The calls stand in one `{ … }`: a shell reads a compound command to its end before it runs any of it, so a script that is cut off at any
 * byte runs nothing at all.
 */
const script = (lines: readonly string[], guarded: boolean): string => {
  const calls = lines.join('\n');
  return `${libraryFor(calls, guarded)}\n{\n${calls}\n}\n`;
};

/** One call of the node library: a function's name, its words, and the variables that are set for it. */
export type LibraryCall = {
  readonly name: string;
  readonly words: readonly string[];
  readonly secrets: Readonly<Record<string, string>>;
};

/** The call that runs a mutating command behind the wrapper's checks. */
export const guardedCall = (nonce: string, { command, guard, machineId }: GuardedCommand): LibraryCall => ({
  name: 'drover_guarded',
  words: [
    nonce,
    String(guard.fence),
    guard.run,
    oneWord(guard.step),
    String(guard.attempt),
    guard.bootId,
    machineId,
    textOf(command),
    command.stdin,
  ],
  secrets: command.secrets,
});

/** The call that runs a read. */
export const readCall = (nonce: string, index: number, read: PlainCommand): LibraryCall => ({
  name: 'drover_read',
  words: [nonce, String(index), textOf(read), read.stdin],
  secrets: read.secrets,
});

const linesOf = ({ name, words, secrets }: LibraryCall): readonly string[] => [
  ...Object.entries(secrets).map(([key, value]) => `${key}=${word(value)}`),
  line(name, words),
];

/** The script of one mutating command, if any, and the reads that follow it in the same exec. */
export const callScript = (nonce: string, guarded: GuardedCommand | null, reads: readonly PlainCommand[]): string => {
  const first = guarded === null ? [] : linesOf(guardedCall(nonce, guarded));
  const looks = reads.flatMap((read, index) => linesOf(readCall(nonce, index, read)));
  return script([...first, ...(reads.length > 1 ? [line('drover_look', [looks.join('\n')])] : looks)], guarded !== null);
};

/** The script that ends the mutating command sent with the nonce `stopped`, and keeps it from starting where it has not yet. */
export const stopScript = (nonce: string, stopped: string): string => script([line('drover_stop', [nonce, stopped])], true);
