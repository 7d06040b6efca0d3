import { type Machine } from './machine.ts';
import type { PowerCut } from './faults.ts';
import { putFile, removePath, sha256, textFile } from './files.ts';
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
  const entry = machine.files.entries.get(path);
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

/** Whether the power goes at this very write; it does so once. */
const losesPower = ({ faults }: Machine, during: PowerCut['during']): boolean => {
  const cut = faults.powerCut;
  if (cut?.during !== during) return false;
  cut.writes -= 1;
  if (cut.writes >= 0) return false;
  delete faults.powerCut;
  return true;
};

/** Writes one after another, as far as the power lasts: each is whole on the disk or not there at all. False when the power has gone. */
export const inTurn = (machine: Machine, during: PowerCut['during'], writes: readonly (() => unknown)[]): boolean =>
  writes.every((one) => {
    const lasts = !losesPower(machine, during);
    if (lasts) one();
    return lasts;
  });

/** The run and the move whose guard is armed, and its folder. */
export const findGuard = (machine: Machine): { readonly run: string; readonly name: string; readonly dir: string } | undefined => {
  const [run = '', name = ''] = text(machine, ARMED).split(' ');
  return run === '' || name === '' ? undefined : { run, name, dir: `${DROVER_HOME}/${run}/deadman/${name}` };
};

/** What a guard that is armed has written of itself. */
export const guardTold = (machine: Machine): string => {
  const guard = findGuard(machine);
  return guard ? `${guard.dir} ${text(machine, `${guard.dir}/state`)}` : '';
};

/** Reads the guard's state. */
export const readGuard = (machine: Machine, dir: string): GuardState => {
  const [place = '', on = '', since = '0', armed = '', restarted = '', reverts = '0', ...why] = text(machine, `${dir}/state`).split(' ');
  const at = place === 'new' || place === 'old' || place === 'off' ? place : 'before';
  return { place: at, on, since: Number(since), armed, restarted: restarted === 'yes', reverts: Number(reverts), why: why.join(' ') };
};

/** Whether drover has found the node at the place where the guard has it. */
export const isReached = ({ why }: GuardState): boolean => why.endsWith(', reached');

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
  const { entries } = machine.files;
  const [slot, to] = [`${runDir}/files/${sha256(path)}`, `${dir}/old/files/${sha256(path)}`];
  if (source === 'run' && !entries.has(`${to}/state`))
    for (const part of ['path', 'bytes', 'state']) {
      const entry = entries.get(`${slot}/${part}`);
      if (entry) entries.set(`${to}/${part}`, entry);
    }
  return keep(machine, `${dir}/old`, path);
};

/** Lays all that a guard needs, and names it as the one that is armed; the reason why not, or that the power went, or undefined. */
export const layGuard = (
  machine: Machine,
  at: { readonly runDir: string; readonly name: string; readonly source: string; readonly upSeconds: number },
  move: string,
  files: readonly string[],
): { readonly problem: string } | 'power' | undefined => {
  const dir = `${at.runDir}/deadman/${at.name}`;
  const paths = files.flatMap(companions);
  let problem = machine.files.full ? 'No space left on device' : undefined;
  const copies = paths.map((path) => () => void (problem ??= keepOld(machine, at.runDir, dir, path, at.source)));
  if (!inTurn(machine, 'arm', copies)) return 'power';
  if (problem !== undefined) return { problem };
  const { reverts } = readGuard(machine, dir);
  const { bootId } = machine;
  const laid = inTurn(machine, 'arm', [
    () => write(machine, `${at.runDir}/deadman/guard`, '# the guard'),
    () => write(machine, `${dir}/paths`, paths.join('\n')),
    () => write(machine, `${dir}/move`, move),
    () =>
      writeGuard(machine, dir, {
        place: 'before',
        on: bootId,
        since: at.upSeconds,
        armed: bootId,
        restarted: false,
        reverts,
        why: 'armed',
      }),
    () => removePath(machine.files, `${dir}/new`),
    () => write(machine, ARMED, `${at.runDir.split('/').at(-1) ?? ''} ${at.name}`),
    () => layUnit(machine),
  ]);
  return laid ? undefined : 'power';
};

/** Whether the new configuration has been copied whole, so that there is something to go back to. */
export const hasNew = (machine: Machine, dir: string): boolean => text(machine, `${dir}/new/done`) !== '';

/** Copies the new configuration, unless it was; false when the power went. */
export const keepNew = (machine: Machine, dir: string): boolean => {
  if (hasNew(machine, dir)) return true;
  removePath(machine.files, `${dir}/new`);
  return inTurn(machine, 'switch', [
    ...pathsOf(machine, dir).map((path) => () => keep(machine, `${dir}/new`, path)),
    () => write(machine, `${dir}/new/done`, 'kept'),
  ]);
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
