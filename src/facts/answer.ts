import type { CommandResult } from '../core/command.ts';
import { CommandError } from '../core/error.ts';

/** The lines of a command's output, without the empty ones. */
export const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line.trim() !== '');

const words = (what: string, result: CommandResult): string => {
  const said = lines(result.stderr).at(-1) ?? lines(result.stdout).at(-1) ?? 'nothing';
  return `${what} cannot be read: exit code ${result.exitCode}, it said: ${said.trim()}`;
};

/** The error of a look whose answer makes no sense: what was asked, and what came. */
export const senseless = (what: string, result: CommandResult): Error => new Error(words(what, result));

/** The error of a look that whoever was asked could not answer now, but may in a moment: a machine that comes up or goes down, an API out of reach. */
export const notNow = (what: string, result: CommandResult): Error => new CommandError(words(what, result), { transient: true });
