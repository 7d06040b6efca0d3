import type { Running } from '../programs/program.ts';
import { lookUp, putFile, removePath, textFile } from './files.ts';
import type { CommandRecord, Machine } from './machine.ts';
import { DROVER_HOME } from './snapshots.ts';
import { unit } from './units.ts';

/**
 * A durable command at work, as a unit of its own: no connection holds it, and time alone takes it on.
 *
 * It lives until it ends, is ended, or the machine goes down; what it printed and its exit code stay on disk.
 */
export type Durable = {
  readonly name: string;
  readonly record: CommandRecord;
  readonly running: Running;
  /** When it goes on. */
  due: number;
};

/** What drover's folder says of the unit that was last started or followed. */
export type KnownUnit = { readonly name: string; readonly run: string; readonly fence: number; readonly nonce: string };

const UNIT_FILE = `${DROVER_HOME}/unit`;
const textOf = (machine: Machine, path: string): string | undefined => {
  const entry = lookUp(machine.files, path);
  return entry?.kind === 'file' ? entry.content : undefined;
};

/** The folder of a unit's output and exit code. */
export const unitDir = (run: string, name: string): string => `${DROVER_HOME}/${run}/units/${name}`;

/** Reads which unit was last started or followed. */
export const knownUnit = (machine: Machine): KnownUnit | undefined => {
  const [name = '', run = '', , fence = '', nonce = ''] = textOf(machine, UNIT_FILE)?.trim().split(' ') ?? [];
  return name === '' ? undefined : { name, run, fence: Number(fence), nonce };
};

/** Notes which unit is started or followed, and by whom. */
export const recordUnit = (machine: Machine, { name, run, fence, nonce }: KnownUnit): unknown =>
  putFile(machine.files, UNIT_FILE, textFile(`${name} ${run} ${machine.bootId} ${fence} ${nonce}\n`, 0o600));

/** Whether a unit is at work. */
export const lives = (machine: Machine, name: string): boolean => machine.durable?.name === name;

/** What a unit has printed so far, and its exit code once it has one. */
export const unitResult = (machine: Machine, dir: string): { readonly out: string; readonly err: string; readonly code: number | null } => {
  const code = textOf(machine, `${dir}/code`);
  return {
    out: textOf(machine, `${dir}/out`) ?? '',
    err: textOf(machine, `${dir}/err`) ?? '',
    code: code === undefined ? null : Number(code),
  };
};

/** Empties the folder of a unit that is about to start. */
export const clearUnit = (machine: Machine, dir: string): void => {
  removePath(machine.files, dir);
  for (const name of ['out', 'err']) putFile(machine.files, `${dir}/${name}`, textFile('', 0o600));
};

/** Where a unit prints to: a file in its folder. */
export const unitSink =
  (machine: Machine, dir: string, name: 'out' | 'err') =>
  (text: string): void => {
    const path = `${dir}/${name}`;
    putFile(machine.files, path, textFile((textOf(machine, path) ?? '') + text, 0o600));
  };

const over = (machine: Machine, { name }: Durable): void => {
  machine.durable = null;
  machine.units.delete(`${name}.service`);
};

/** Takes the unit on to a point in time. */
export const advanceDurable = (machine: Machine, now: number): void => {
  for (let one = machine.durable; one !== null && one.due <= now; one = machine.durable) {
    const step = one.running.next();
    if (machine.durable !== one) return;
    if (step.done !== true) {
      one.due += step.value;
      continue;
    }
    over(machine, one);
    one.record.exitCode = step.value;
    putFile(machine.files, `${unitDir(one.record.run, one.name)}/code`, textFile(`${step.value}\n`, 0o600));
  }
};

/** Starts a unit; its text reads the time from `due`. */
export const startDurable = (machine: Machine, durable: Durable): void => {
  machine.durable = durable;
  machine.units.set(`${durable.name}.service`, {
    ...unit(`drover: ${durable.record.step}`, 'static'),
    active: 'active',
    since: durable.due,
  });
  advanceDurable(machine, durable.due);
};

/** Ends the unit with all in it; it leaves no exit code. */
export const endDurable = (machine: Machine): void => {
  const one = machine.durable;
  if (!one) return;
  over(machine, one);
  one.running.return(143);
};

/** Ends the unit that is known, and removes what it left. */
export const sweepUnit = (machine: Machine, { name, run }: KnownUnit): void => {
  if (lives(machine, name)) endDurable(machine);
  removePath(machine.files, unitDir(run, name));
  removePath(machine.files, UNIT_FILE);
};
