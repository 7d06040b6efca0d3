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
const secrets = (command: PlainCommand): string[] => Object.entries(command.secrets).map(([name, value]) => `${name}=${word(value)}`);
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

/** The script of one mutating command, if any, and the reads that follow it in the same exec. */
export const callScript = (nonce: string, guarded: GuardedCommand | null, reads: readonly PlainCommand[]): string => {
  const first =
    guarded === null
      ? []
      : [
          ...secrets(guarded.command),
          line('drover_guarded', [
            nonce,
            String(guarded.guard.fence),
            guarded.guard.run,
            oneWord(guarded.guard.step),
            String(guarded.guard.attempt),
            guarded.guard.bootId,
            guarded.machineId,
            textOf(guarded.command),
            guarded.command.stdin,
          ]),
        ];
  const looks = reads.flatMap((read, index) => [...secrets(read), line('drover_read', [nonce, String(index), textOf(read), read.stdin])]);
  return script([...first, ...(reads.length > 1 ? [line('drover_look', [looks.join('\n')])] : looks)], guarded !== null);
};

/** The script that ends the mutating command sent with the nonce `stopped`, and keeps it from starting where it has not yet. */
export const stopScript = (nonce: string, stopped: string): string => script([line('drover_stop', [nonce, stopped])], true);
