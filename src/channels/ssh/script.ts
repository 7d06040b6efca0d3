import { createHash } from 'node:crypto';
import { UsageError } from '../../core/error.ts';
import type { Guard } from '../../core/ports.ts';
import { callsOf, libraryFor } from './node-library.ts';

/** A command with its secrets resolved, as it goes over the wire; never shown, stored or put into an error. */
export type PlainCommand = {
  readonly text: string;
  readonly stdin: string;
  readonly durable: boolean;
  readonly secrets: Readonly<Record<string, string>>;
};

/** What the wrapper on the node is told with a mutating command; `attach` follows a durable one that was started before, and starts nothing. */
export type GuardedCommand = {
  readonly command: PlainCommand;
  readonly guard: Guard;
  readonly machineId: string;
  readonly attach?: boolean;
};

const word = (text: string): string => {
  if (text.includes('\0')) throw new UsageError('a command or its input holds a NUL byte, which no shell can carry; send it as base64');
  return `'${text.replaceAll("'", `'\\''`)}'`;
};
const line = (name: string, words: readonly string[]): string => [name, ...words.map(word)].join(' ');
/** Step ids go into a line of words on the node. */
const oneWord = (id: string): string => id.replaceAll(/\s+/g, '_');

/** The calls of a script in one `{ … }`: a shell reads a compound command to its end before it runs any of it, so one that is cut off runs nothing. */
const whole = (library: string, lines: readonly string[]): string => `${library}\n{\n${lines.join('\n')}\n}\n`;

/** One call of the node library: a function's name, its words, and the variables that are set for it. */
export type LibraryCall = {
  readonly name: string;
  readonly words: readonly string[];
  readonly secrets: Readonly<Record<string, string>>;
};

const wordsOf = (nonce: string, guard: Guard, machineId: string): readonly string[] => [
  nonce,
  String(guard.fence),
  guard.run,
  oneWord(guard.step),
  String(guard.attempt),
  guard.bootId,
  machineId,
];
const assignments = (secrets: PlainCommand['secrets']): readonly string[] =>
  Object.entries(secrets).map(([key, value]) => `${key}=${word(value)}`);

const safe = (text: string, most: number): string => text.replaceAll(/[^A-Za-z0-9_.]+/g, '_').slice(0, most);

/**
 * The name of a durable command's unit (systemd.unit(5)): readable, and the same for whoever sends the command again.
 *
 * Its last part tells the commands of one step apart, and steps whose ids differ only in what a unit's name cannot hold.
 */
export const unitOf = ({ run, step, attempt }: Guard, { text, stdin }: PlainCommand): string => {
  const sum = createHash('sha256').update([run, step, text, stdin].join('\0')).digest('hex');
  return `drover-${safe(run, 60)}-${safe(step, 80)}-${attempt}-${sum.slice(0, 8)}`;
};

/** What a durable command's unit runs: a library of its own, the secrets, the text. It ends with the exit code of the text. */
const unitScript = ({ text, stdin, secrets }: PlainCommand, run: string): string =>
  whole(libraryFor({ guarded: false, durable: false, ...callsOf(text) }), [
    `DROVER_RUN_DIR=$DROVER_HOME/${word(run)}`,
    ...assignments(secrets),
    line('drover_run', [text, stdin]),
  ]);

/** The call that runs a mutating command behind the wrapper's checks. */
export const guardedCall = (nonce: string, { command, guard, machineId, attach = false }: GuardedCommand): LibraryCall => {
  const words = wordsOf(nonce, guard, machineId);
  if (!command.durable) return { name: 'drover_guarded', words: [...words, command.text, command.stdin], secrets: command.secrets };
  const how = attach ? ['attach', ''] : ['start', unitScript(command, guard.run)];
  return { name: 'drover_durable', words: [...words, unitOf(guard, command), ...how], secrets: {} };
};

/** The call that ends whatever drover runs on the node. */
export const haltCall = (nonce: string, guard: Guard, machineId: string): LibraryCall => ({
  name: 'drover_halt',
  words: wordsOf(nonce, guard, machineId),
  secrets: {},
});

/** The call that runs a read. */
export const readCall = (nonce: string, index: number, read: PlainCommand): LibraryCall => ({
  name: 'drover_read',
  words: [nonce, String(index), read.text, read.stdin],
  secrets: read.secrets,
});

/** The call that keeps every lower fence out from now on. */
export const claimCall = (nonce: string, guard: Guard, machineId: string): LibraryCall => ({
  ...haltCall(nonce, guard, machineId),
  name: 'drover_claim',
});

const linesOf = ({ name, words, secrets }: LibraryCall): readonly string[] => [...assignments(secrets), line(name, words)];

/** The script of one mutating command, if any, and the reads that follow it in the same exec, for the standard input of `sh -s`. */
export const callScript = (nonce: string, guarded: GuardedCommand | null, reads: readonly PlainCommand[]): string => {
  const first = guarded === null ? [] : linesOf(guardedCall(nonce, guarded));
  const looks = reads.flatMap((read, index) => linesOf(readCall(nonce, index, read)));
  const durable = guarded?.command.durable === true;
  const texts = [...(guarded && !durable ? [guarded.command] : []), ...reads];
  const library = libraryFor({ guarded: guarded !== null, durable, ...callsOf(...texts.map(({ text }) => text)) });
  return whole(library, [...first, ...(reads.length > 1 ? [line('drover_look', [looks.join('\n')])] : looks)]);
};

const ending = libraryFor({ guarded: true, durable: false, ...callsOf() });

/** The script that ends the mutating command sent with the nonce `stopped`, and keeps it from starting where it has not yet. */
export const stopScript = (nonce: string, stopped: string): string => whole(ending, [line('drover_stop', [nonce, stopped])]);

/** The script of a call that runs no command: to claim the node, or to end what drover runs there. */
export const tellScript = (call: LibraryCall): string => whole(ending, linesOf(call));
