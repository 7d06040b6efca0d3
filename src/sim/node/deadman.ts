import { type DeadmanSeen, decideDeadman } from '../../core/deadman-table.ts';
import { describe } from './describe.ts';
import { listFolder, lookUp, sha256 } from './files.ts';
import { type Machine, isUp } from './machine.ts';
import { bringUp, findProfile, reloadProfiles } from './network.ts';
import { setActive } from './units.ts';
import { UNIT, type GuardState, findGuard, pathsOf, readGuard, readMove, tidyGuard, writeGuard } from './deadman-files.ts';
import { keep, restore } from './snapshots.ts';

/** What a machine hears on the network that it is on. */
export type Link = {
  /** The gateway of some subnet of that network has the address. */
  gateway(address: string): boolean;
  /** Another machine has the address. */
  taken(address: string): boolean;
};

/** The guard's process: what it knows only as long as it runs. */
export type GuardProcess = {
  /** When it looks next. */
  due: number;
  /** Uptime at which the old gateway was first found gone. */
  gone: number | null;
  /** It has changed places itself on this boot. */
  turned: boolean;
};

const bare = (address: string): string => address.split('/')[0] ?? address;
const uptime = (machine: Machine, now: number): number => Math.floor((now - machine.bootedAt) / 1000);

/** How often a guard looks, in milliseconds. */
const tickMs = (wait: number): number => Math.min(5, Math.max(1, Math.floor(wait / 20))) * 1000;

/** Starts the guard's process if one is armed, as systemd does at boot and after arming. */
export const startGuard = (machine: Machine, now: number): void => {
  const guard = findGuard(machine);
  const on = guard && readGuard(machine, guard.dir).place !== 'off';
  machine.deadman = on ? { due: now + 1, gone: null, turned: false } : null;
  setUnit(machine, now);
};

const setUnit = (machine: Machine, now: number): void => {
  const unit = machine.units.get(UNIT);
  if (unit) setActive(unit, machine.deadman ? 'active' : 'inactive', now, (machine.nextPid += 7));
};

const look = (machine: Machine, dir: string, state: GuardState, process: GuardProcess, link: Link, now: number): DeadmanSeen => {
  const move = readMove(machine, dir);
  const up = uptime(machine, now);
  const live = machine.network.live.get(move.device)?.addresses ?? [];
  const kept = lookUp(machine.files, `${dir}/old/files/${sha256(move.file)}/state`);
  const files = kept?.kind === 'file' && kept.content.trim() === describe(machine, move.file) ? 'kept' : 'changed';
  const there = (address: string): 'there' | 'gone' => (address !== '-' && link.gateway(address) ? 'there' : 'gone');
  const oldGateway = there(move.oldGateway);
  const newGateway = there(move.newGateway);
  if (state.place === 'before') process.gone = oldGateway === 'there' || machine.guarded || machine.durable ? null : (process.gone ?? up);
  const [since, due, long] =
    state.place === 'before'
      ? [process.gone ?? up, move.moved, move.moved]
      : state.place === 'old'
        ? [state.since, move.turn, move.turn]
        : [state.since, process.turned ? move.turn : move.wait, move.stay];
  return {
    place: state.place === 'off' ? 'before' : state.place,
    boot: state.armed === machine.bootId ? 'same' : 'later',
    files,
    live: live.includes(move.newAddress)
      ? 'new'
      : live.includes(move.oldAddress) || (move.oldAddress === '-' && live.length > 0)
        ? 'old'
        : 'none',
    oldGateway,
    newGateway,
    time: up - since >= long ? 'long' : up - since >= due ? 'due' : 'early',
    restart: state.restarted ? 'done' : 'open',
    other: 'unasked',
  };
};

/** Brings the place's configuration up from its copies, or, where the disk has no room, gives the device the address alone. */
const bringPlaceUp = (machine: Machine, dir: string, place: 'old' | 'new'): void => {
  const move = readMove(machine, dir);
  const live = machine.network.live.get(move.device);
  if (machine.files.full && live) {
    const [address, gateway] = place === 'old' ? [move.oldAddress, move.oldGateway] : [move.newAddress, move.newGateway];
    machine.network.live.set(move.device, { ...live, addresses: [...new Set([...live.addresses, address])], gateway });
    return;
  }
  for (const path of pathsOf(machine, dir)) restore(machine, `${dir}/${place}`, path);
  reloadProfiles(machine.network, machine.files);
  const profile = findProfile(machine.network, move.connection);
  if (profile) bringUp(machine.network, profile);
};

const switchTo = (machine: Machine, dir: string, state: GuardState, place: 'old' | 'new', why: string, now: number): void => {
  if (place === 'old' && !machine.files.full && listFolder(machine.files, `${dir}/new/files`).length === 0)
    for (const path of pathsOf(machine, dir)) keep(machine, `${dir}/new`, path);
  const reverts = state.reverts + (place === 'old' ? 1 : 0);
  writeGuard(machine, dir, { ...state, place, on: machine.bootId, since: uptime(machine, now), reverts, why });
  bringPlaceUp(machine, dir, place);
};

/** One turn of the guard; `restart` when it reboots the machine. */
const turn = (machine: Machine, process: GuardProcess, link: Link, now: number): 'restart' | 'end' | 'on' => {
  const guard = findGuard(machine);
  if (!guard) return 'end';
  const { dir } = guard;
  const state = readGuard(machine, dir);
  if (state.place === 'off') {
    tidyGuard(machine, dir);
    return 'end';
  }
  if (state.place !== 'before' && state.on !== machine.bootId) {
    writeGuard(machine, dir, { ...state, on: machine.bootId, since: uptime(machine, now) });
    return 'on';
  }
  const seen = look(machine, dir, state, process, link, now);
  const first = decideDeadman(seen);
  const move = readMove(machine, dir);
  const other = bare(state.place === 'new' ? move.oldAddress : move.newAddress);
  const { deed, why } = first.deed === 'ask' ? decideDeadman({ ...seen, other: link.taken(other) ? 'taken' : 'free' }) : first;
  switch (deed) {
    case 'judge':
      writeGuard(machine, dir, { ...state, place: 'new', on: machine.bootId, since: uptime(machine, now), why });
      return 'on';
    case 'restart':
      writeGuard(machine, dir, { ...state, restarted: true, why });
      return machine.files.full ? 'on' : 'restart';
    case 'old':
    case 'new':
      process.turned = true;
      switchTo(machine, dir, state, deed, why, now);
      return 'on';
    case 'hold':
      if (state.place !== 'before' && seen.live !== state.place) bringPlaceUp(machine, dir, state.place);
      return 'on';
    case 'wait':
    case 'ask':
      return 'on';
  }
};

/** Lets the guard do what was due until now; true when it reboots the machine, which is for the caller to do. */
export const advanceGuard = (machine: Machine, link: Link, now: number): boolean => {
  for (let process = machine.deadman; process && process.due <= now && isUp(machine); process = machine.deadman) {
    const at = process.due;
    const guard = findGuard(machine);
    const next = turn(machine, process, link, at);
    if (next === 'end') {
      machine.deadman = null;
      setUnit(machine, now);
    }
    process.due = at + tickMs(guard ? readMove(machine, guard.dir).wait : 100);
    if (next === 'restart') return true;
  }
  return false;
};
