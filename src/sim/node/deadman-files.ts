import { type Machine } from './machine.ts';
import { lookUp, putFile, removePath, textFile } from './files.ts';
import { unit } from './units.ts';
import { DROVER_HOME, keep } from './snapshots.ts';

/** The guard's state as its file has it; `on` is the boot that `since`, seconds of uptime, belongs to. */
export type GuardState = {
  readonly place: 'before' | 'new' | 'old' | 'off';
  readonly on: string;
  readonly since: number;
  readonly armed: string;
  readonly restarted: boolean;
  readonly reverts: number;
  readonly why: string;
};

/** What the guard is to bring up, and its times in seconds; `-` is nothing. */
export type GuardMove = {
  readonly connection: string;
  readonly device: string;
  readonly oldAddress: string;
  readonly oldGateway: string;
  readonly newAddress: string;
  readonly newGateway: string;
  readonly wait: number;
  readonly moved: number;
  readonly stay: number;
  readonly turn: number;
  readonly file: string;
};

const text = (machine: Machine, path: string): string => {
  const entry = lookUp(machine.files, path);
  return entry?.kind === 'file' ? entry.content.trim() : '';
};
const write = (machine: Machine, path: string, content: string): boolean =>
  putFile(machine.files, path, textFile(`${content}\n`, 0o600)) === undefined;

const ARMED = `${DROVER_HOME}/armed`;
/** The unit that the guard is. */
export const UNIT = 'drover-deadman.service';
const UNIT_FILE = `/etc/systemd/system/${UNIT}`;
const WANTS = `/etc/systemd/system/multi-user.target.wants/${UNIT}`;
const RESERVE = '/etc/.drover-reserve';

/** The run and the move whose guard is armed, and its folder. */
export const findGuard = (machine: Machine): { readonly run: string; readonly name: string; readonly dir: string } | undefined => {
  const [run = '', name = ''] = text(machine, ARMED).split(' ');
  return run === '' || name === '' ? undefined : { run, name, dir: `${DROVER_HOME}/${run}/deadman/${name}` };
};

/** Reads the guard's state. */
export const readGuard = (machine: Machine, dir: string): GuardState => {
  const [place = '', on = '', since = '0', armed = '', restarted = '', reverts = '0', ...why] = text(machine, `${dir}/state`).split(' ');
  const at = place === 'new' || place === 'old' || place === 'off' ? place : 'before';
  return { place: at, on, since: Number(since), armed, restarted: restarted === 'yes', reverts: Number(reverts), why: why.join(' ') };
};

/** Writes the guard's state; false when there is no room for it. */
export const writeGuard = (machine: Machine, dir: string, state: GuardState): boolean => {
  const { place, on, since, armed, restarted, reverts, why } = state;
  return write(machine, `${dir}/state`, `${place} ${on} ${since} ${armed} ${restarted ? 'yes' : 'no'} ${reverts} ${why}`);
};

/** Reads what the guard is to bring up. */
export const readMove = (machine: Machine, dir: string): GuardMove => {
  const words = text(machine, `${dir}/move`).split(' ');
  const word = (index: number): string => words[index] ?? '-';
  const number = (index: number): number => Number(words[index] ?? 0);
  return {
    connection: word(0),
    device: word(1),
    oldAddress: word(2),
    oldGateway: word(3),
    newAddress: word(4),
    newGateway: word(5),
    wait: number(6),
    moved: number(7),
    stay: number(8),
    turn: number(9),
    file: word(10),
  };
};

/** The files that go with the move. */
export const pathsOf = (machine: Machine, dir: string): readonly string[] => text(machine, `${dir}/paths`).split('\n').filter(Boolean);

const companions = (path: string): readonly string[] => {
  const [, dir, name] = /^(.*\/network-scripts)\/ifcfg-(.+)$/.exec(path) ?? [];
  if (dir === undefined || name === undefined) return [path];
  const beside = ['keys', 'route', 'route6', 'rule', 'rule6'].map((kind) => `${dir}/${kind}-${name}`);
  return [path, ...beside, `/etc/NetworkManager/system-connections/${name}.nmconnection`];
};

/** Copies what was there before: from the run's own copies where it has taken any, and once. */
const keepOld = (machine: Machine, runDir: string, dir: string, path: string, source: string): string | undefined => {
  const entries = [...machine.files.entries].filter(([key]) => key.startsWith(`${runDir}/files/`));
  const own = entries.filter(([key, entry]) => key.endsWith('/path') && entry.kind === 'file' && entry.content.trim() === path);
  const [slot = ''] = own.map(([key]) => key.slice(0, -'/path'.length));
  const to = slot.replace(`${runDir}/files/`, `${dir}/old/files/`);
  if (source === 'run' && slot !== '' && lookUp(machine.files, `${to}/state`) === undefined)
    for (const [key, entry] of entries) if (key.startsWith(`${slot}/`)) machine.files.entries.set(key.replace(slot, to), entry);
  return keep(machine, `${dir}/old`, path);
};

/** Lays all that a guard needs, and names it as the one that is armed; the reason why not, or undefined. */
export const layGuard = (
  machine: Machine,
  at: { readonly runDir: string; readonly name: string; readonly source: string; readonly upSeconds: number },
  move: string,
  files: readonly string[],
): string | undefined => {
  const dir = `${at.runDir}/deadman/${at.name}`;
  const paths = files.flatMap(companions);
  const problem = paths.map((path) => keepOld(machine, at.runDir, dir, path, at.source)).find((why) => why !== undefined);
  if (problem !== undefined || machine.files.full) return problem ?? 'No space left on device';
  removePath(machine.files, `${dir}/new`);
  const { reverts } = readGuard(machine, dir);
  write(machine, `${at.runDir}/deadman/guard`, '# the guard');
  write(machine, `${dir}/paths`, paths.join('\n'));
  write(machine, `${dir}/move`, move);
  const { bootId } = machine;
  writeGuard(machine, dir, { place: 'before', on: bootId, since: at.upSeconds, armed: bootId, restarted: false, reverts, why: 'armed' });
  write(machine, ARMED, `${at.runDir.split('/').at(-1) ?? ''} ${at.name}`);
  layUnit(machine);
  return undefined;
};

const layUnit = (machine: Machine): void => {
  putFile(machine.files, RESERVE, textFile('', 0o600));
  putFile(machine.files, UNIT_FILE, textFile('[Unit]\n'));
  machine.files.entries.set(WANTS, { kind: 'symlink', target: `../${UNIT}`, mode: 0o777, owner: 'root', group: 'root' });
  if (!machine.units.has(UNIT)) machine.units.set(UNIT, unit('drover: takes an address move back unless it is confirmed', 'enabled'));
};

/** Removes what a guard that is disarmed needs no more; its copies stay. */
export const tidyGuard = (machine: Machine, dir: string): void => {
  for (const path of [ARMED, WANTS, UNIT_FILE, RESERVE]) removePath(machine.files, path);
  machine.units.delete(UNIT);
  removePath(machine.files, `${dir.slice(0, dir.lastIndexOf('/'))}/guard`);
};
