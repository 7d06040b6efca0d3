import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { UsageError } from '../../core/error.ts';
import type { Cli } from '../context.ts';
import { fleetJsonSchema } from '../fleet-schema.ts';
import { firstFleet, firstRunbook } from '../first-files.ts';

/** The flags of `drover init`. */
export type InitFlags = Readonly<Record<never, never>>;

/** Writes a file only if nothing is there. */
const writeNew = (path: string, text: string): boolean => {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw new UsageError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
};

/** Writes a first fleet.yaml and runbook, and the schema for editors; overwrites nothing. */
export function init(this: Cli, _flags: InitFlags, dir = '.'): void {
  const folder = resolve(this.cwd, dir);
  const files = [
    ['fleet.yaml', firstFleet],
    ['fleet.schema.json', `${JSON.stringify(fleetJsonSchema(), null, 2)}\n`],
    ['runbooks/hello.ts', firstRunbook],
  ] as const;
  for (const [name, text] of files) {
    const path = join(folder, name);
    const shown = relative(this.cwd, path) || path;
    this.stdout.write(writeNew(path, text) ? `wrote ${shown}\n` : `kept  ${shown}: it was there already\n`);
  }
  const there = relative(this.cwd, folder);
  this.stdout.write(
    `\nNext: put your nodes into fleet.yaml, then${there === '' ? '' : ` cd ${there} &&`} drover doctor, then drover plan hello\n`,
  );
}
