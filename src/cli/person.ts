import { userInfo } from 'node:os';
import { UsageError } from '../core/error.ts';
import type { Cli } from './context.ts';

/** Who says something to a run, for the journal: the login name, also behind sudo. */
export const person = (cli: Cli): string => cli.env['SUDO_USER'] ?? userInfo().username;

/** Asks for a yes unless `yes` was given. @throws UsageError when nobody is there to ask */
export const confirmed = async (cli: Cli, question: string, yes: boolean | undefined): Promise<boolean> => {
  if (yes === true) return true;
  const said = await cli.ask(`${question} [y/N] `);
  if (said === null) throw new UsageError('nobody is here to confirm; say --yes if you mean it');
  if (/^y(es)?$/i.test(said.trim())) return true;
  cli.stderr.write('drover: nothing was touched\n');
  return false;
};
