import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { UsageError } from '../../core/error.ts';
import type { Cli } from '../context.ts';
import { firstFiles } from '../first-files.ts';

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

/** Writes a folder that works at once: an inventory, a runbook with its test, and what runs and edits them; overwrites nothing. */
export function init(this: Cli, _flags: InitFlags, dir = '.'): void {
  const folder = resolve(this.cwd, dir);
  if (statSync(folder, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`${dir} is a file: name a folder, or one to be made`);
  for (const [name, text] of firstFiles()) {
    const path = join(folder, name);
    const shown = relative(this.cwd, path) || path;
    this.stdout.write(writeNew(path, text) ? `wrote ${shown}\n` : `kept  ${shown}: it was there already\n`);
  }
  const there = relative(this.cwd, folder);
  this.stdout.write(
    `\nNext:${there === '' ? '' : ` cd ${there};`} npm install && npm test runs the runbook hello in a simulator. Then put your nodes into fleet.yaml: drover doctor, drover plan hello\n`,
  );
}
