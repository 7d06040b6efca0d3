import { count } from '../../core/count.ts';
import { UsageError } from '../../core/error.ts';
import { type Checked, type Choice, checkRunbook } from '../check-runbook.ts';
import type { Cli } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { findFleet } from '../fleet.ts';
import type { FleetFlags, JsonFlag, SetFlags } from '../flags.ts';
import { type Registered, findRunbook, listRunbooks } from '../registry.ts';

/** The flags of `drover check`. */
export type CheckFlags = FleetFlags & SetFlags & JsonFlag;

/** The inventory names the folder of runbooks; there may be none yet. */
const fleetPath = (cli: Cli, { fleet }: CheckFlags): string | undefined => {
  try {
    return findFleet({ flag: fleet, env: cli.env, cwd: cli.cwd });
  } catch (error) {
    if (fleet !== undefined || !(error instanceof UsageError)) throw error;
    return undefined;
  }
};

const whenWords = (when: readonly Choice[]): string =>
  when.some((one) => one.length === 0) ? '' : ` (with ${when.map((one) => one.join(' ')).join(', or ')})`;

/** What could be laid out, and that it was not each choice with each other. */
const pathsOf = ({ checked, unchecked }: Checked): string =>
  `${unchecked.length > 0 ? 'the other ' : ''}${count(checked, 'path')}${checked > 1 ? ', one choice at a time' : ''}`;

const linesOf = (all: Checked): readonly string[] => {
  const { runbook, findings, unchecked, checked } = all;
  return [
    ...findings.map(({ rule, message, when }) => `✗ ${runbook}: ${message}${whenWords(when)}  [${rule}]`),
    ...unchecked.map(({ when, why }) => `! ${runbook}: not checked${whenWords(when)}: ${why}`),
    ...(findings.length === 0 && checked > 0 ? [`✓ ${runbook}: nothing found on ${pathsOf(all)}`] : []),
  ];
};

/** Lays runbooks out for all that their params can be, and tells what will hurt one day; reaches nothing. */
export async function check(this: Cli, flags: CheckFlags, ...names: string[]): Promise<void> {
  const place = { cwd: this.cwd, fleetPath: fleetPath(this, flags) };
  const sets = flags.set ?? [];
  if (sets.length > 0 && names.length !== 1) throw new UsageError('--set is for the params of one runbook: name it');
  const found: Registered[] = [];
  const broken: string[] = [];
  if (names.length === 0) {
    const all = await listRunbooks(place);
    found.push(...all.runbooks);
    broken.push(...all.broken.map(({ error }) => error.message));
  }
  for (const name of names) found.push(await findRunbook(name, place));
  const all = found.map(({ runbook }) => checkRunbook(runbook, sets));
  if (flags.json === true) this.stdout.write(`${JSON.stringify({ runbooks: all, broken })}\n`);
  else for (const line of [...broken.map((why) => `✗ ${why}`), ...all.flatMap(linesOf)]) this.stdout.write(`${line}\n`);
  // a runbook of which nothing could be laid out was not found to be well
  const bad = broken.length > 0 || all.some(({ findings, checked }) => findings.length > 0 || checked === 0);
  this.exit(bad ? exitCodes.usage : exitCodes.done);
}
