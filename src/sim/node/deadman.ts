import { type DeadmanSeen, decideDeadman } from '../../core/deadman-table.ts';
import { describe } from './describe.ts';
import { sha256 } from './files.ts';
import { type Machine, isUp } from './machine.ts';
import { bringUp, findProfile, reloadProfiles } from './network.ts';
import {
  UNIT,
  type GuardMove,
  type GuardState,
  findGuard,
  isReached,
  hasNew,
  inTurn,
  keepNew,
  pathsOf,
  readGuard,
  readMove,
  tidyGuard,
  writeGuard,
} from './deadman-files.ts';
import { restore } from './snapshots.ts';
import { setActive } from './units.ts';

/** What a machine hears on the network that it is on. */
export type Link = {
  /** The gateway of some subnet of that network has the address. */
  gateway(address: string): boolean;
  /** Another machine has the address. */
  taken(address: string): boolean;
};

/** The guard's process: what it knows only as long as it runs. */
export type GuardProcess = {
  /** When it looks next and may decide otherwise; looks in between, that would decide the same, are not taken. */
  due: number;
  /** When it looked first; it does so every `tickMs` from then on. */
  readonly from: number;
  readonly tickMs: number;
  /** Uptime at which the old gateway was first found gone. */
  gone: number | null;
  /** It has changed places itself on this boot. */
  turned: boolean;
  /** It has ended what a switch before it had begun. */
  repaired: boolean;
};

/** When a guard, left alone, may decide otherwise than now: at its next look, not before something changes, or at an uptime in seconds. */
type Next = 'soon' | 'never' | number;
type Turn = 'restart' | 'power' | 'end' | Next;

const bare = (address: string): string => address.split('/')[0] ?? address;
const uptime = (machine: Machine, now: number): number => Math.floor((now - machine.bootedAt) / 1000);

/** How often a guard looks, in milliseconds. */
const tickOf = (wait: number): number => Math.min(5, Math.max(1, Math.floor(wait / 20))) * 1000;

/** The first look of a guard at or after a time. */
const lookFrom = ({ from, tickMs }: GuardProcess, time: number): number => from + Math.max(0, Math.ceil((time - from) / tickMs)) * tickMs;

/** Starts the guard's process if one is armed, as systemd does at boot and after arming; one that runs goes on. */
export const startGuard = (machine: Machine, now: number): void => {
  if (machine.deadman) return wakeGuard(machine, now);
  const guard = findGuard(machine);
  if (!guard) return;
  const tickMs = tickOf(readMove(machine, guard.dir).wait);
  machine.deadman = { due: now + 1, from: now + 1, tickMs, gone: null, turned: false, repaired: false };
  setUnit(machine, now);
};

const setUnit = (machine: Machine, now: number): void => {
  const unit = machine.units.get(UNIT);
  if (unit) setActive(unit, machine.deadman ? 'active' : 'inactive', now, (machine.nextPid += 7));
};

/** Something may have changed that the guard would see: it looks when it would have done so anyway. */
export const wakeGuard = ({ deadman }: Machine, now: number): void => {
  if (deadman) deadman.due = Math.min(deadman.due, lookFrom(deadman, now));
};

/** What the guard's time is counted from and to, by its place. */
const clockOf = (state: GuardState, move: GuardMove, { gone, turned }: GuardProcess, up: number) =>
  state.place === 'before'
    ? { since: gone ?? up, due: move.moved, long: move.moved }
    : state.place === 'old'
      ? { since: state.since, due: move.turn, long: move.turn }
      : { since: state.since, due: turned ? move.turn : move.wait, long: move.stay };

/** Where drover has found the node it finds it again, as long as there is a network. */
const stays = (state: GuardState, oldGateway: 'there' | 'gone'): boolean =>
  state.place === 'old' && oldGateway === 'there' && isReached(state);

const look = (machine: Machine, dir: string, state: GuardState, process: GuardProcess, link: Link, now: number): DeadmanSeen => {
  const move = readMove(machine, dir);
  const up = uptime(machine, now);
  const live = machine.network.live.get(move.device)?.addresses ?? [];
  const boot = state.armed === machine.bootId ? 'same' : 'later';
  const kept = state.place === 'before' ? machine.files.entries.get(`${dir}/old/files/${sha256(move.file)}/state`) : undefined;
  const files = kept?.kind === 'file' && kept.content.trim() === describe(machine, move.file) ? 'kept' : 'changed';
  const there = (address: string): 'there' | 'gone' => (address !== '-' && link.gateway(address) ? 'there' : 'gone');
  const oldGateway = there(move.oldGateway);
  const newGateway = there(move.newGateway);
  if (state.place === 'before' && files === 'changed' && boot === 'same')
    process.gone = oldGateway === 'there' || machine.guarded || machine.durable ? null : (process.gone ?? up);
  const { since, due, long } = clockOf(state, move, process, up);
  return {
    place: state.place === 'off' ? 'before' : state.place,
    boot,
    files,
    live: live.includes(move.newAddress)
      ? 'new'
      : live.includes(move.oldAddress) || (move.oldAddress === '-' && live.length > 0)
        ? 'old'
        : 'none',
    oldGateway,
    newGateway,
    time: stays(state, oldGateway) ? 'early' : up - since >= long ? 'long' : up - since >= due ? 'due' : 'early',
    restart: state.restarted ? 'done' : 'open',
    other: 'unasked',
  };
};

/** Brings the place's configuration up from its copies, or, where the disk has no room, gives the device the address alone. False: the power went. */
const bringPlaceUp = (machine: Machine, dir: string, place: 'old' | 'new'): boolean => {
  const move = readMove(machine, dir);
  const live = machine.network.live.get(move.device);
  if (machine.files.full && live) {
    const [address, gateway] = place === 'old' ? [move.oldAddress, move.oldGateway] : [move.newAddress, move.newGateway];
    machine.network.live.set(move.device, { ...live, addresses: [...new Set([...live.addresses, address])], gateway });
    return true;
  }
  const restores = pathsOf(machine, dir).map((path) => () => restore(machine, `${dir}/${place}`, path));
  if (!inTurn(machine, 'switch', restores)) return false;
  reloadProfiles(machine.network, machine.files);
  const profile = findProfile(machine.network, move.connection);
  if (profile) bringUp(machine.network, profile);
  return true;
};

/** Changes places: the new files are kept first, then it is written down, then done; false when the power went. */
const switchTo = (machine: Machine, dir: string, state: GuardState, place: 'old' | 'new', why: string, now: number): boolean => {
  const { full } = machine.files;
  // without its copies there is nothing to go to
  if (place === 'new' && !full && !hasNew(machine, dir)) return true;
  if (place === 'old' && !full && !keepNew(machine, dir)) return false;
  const reverts = state.reverts + (place === 'old' ? 1 : 0);
  const written = { ...state, place, on: machine.bootId, since: uptime(machine, now), reverts, why };
  return inTurn(machine, 'switch', [() => writeGuard(machine, dir, written)]) && bringPlaceUp(machine, dir, place);
};

/** When a guard that waits or holds may decide otherwise, as long as nothing else changes. */
const nextOf = (machine: Machine, state: GuardState, seen: DeadmanSeen, process: GuardProcess, dir: string, now: number): Next => {
  const { since, due, long } = clockOf(state, readMove(machine, dir), process, uptime(machine, now));
  if (machine.files.full) return 'soon';
  switch (seen.place) {
    case 'before':
      if (seen.files === 'kept') return 'never';
      if (machine.guarded || machine.durable) return 'soon';
      return process.gone !== null && seen.time === 'early' ? since + due : 'never';
    case 'new':
      return seen.time === 'early' ? since + due : seen.time === 'due' && seen.newGateway === 'there' ? since + long : 'soon';
    case 'old':
      if (stays(state, seen.oldGateway)) return 'never';
      return seen.time === 'early' ? since + due : seen.oldGateway === 'there' ? 'never' : 'soon';
  }
};

/** One look of the guard, and what follows from it. */
const turn = (machine: Machine, process: GuardProcess, link: Link, now: number): Turn => {
  const guard = findGuard(machine);
  if (!guard) return 'end';
  const { dir } = guard;
  const state = readGuard(machine, dir);
  if (state.place === 'off') {
    tidyGuard(machine, dir);
    return 'end';
  }
  if (!process.repaired) {
    process.repaired = true;
    const half = state.place === 'old' || (state.place === 'new' && hasNew(machine, dir)) ? state.place : undefined;
    if (half && !bringPlaceUp(machine, dir, half)) return 'power';
  }
  if (state.place !== 'before' && state.on !== machine.bootId) {
    writeGuard(machine, dir, { ...state, on: machine.bootId, since: uptime(machine, now) });
    return 'soon';
  }
  const seen = look(machine, dir, state, process, link, now);
  const first = decideDeadman(seen);
  const move = readMove(machine, dir);
  const other = bare(state.place === 'new' ? move.oldAddress : move.newAddress);
  const { deed, why } = first.deed === 'ask' ? decideDeadman({ ...seen, other: link.taken(other) ? 'taken' : 'free' }) : first;
  switch (deed) {
    case 'judge':
      process.turned = false;
      process.gone = null;
      writeGuard(machine, dir, { ...state, place: 'new', on: machine.bootId, since: uptime(machine, now), why });
      return 'soon';
    case 'restart':
      writeGuard(machine, dir, { ...state, restarted: true, why });
      return machine.files.full ? 'soon' : 'restart';
    case 'old':
    case 'new':
      process.turned = true;
      return switchTo(machine, dir, state, deed, why, now) ? 'soon' : 'power';
    case 'hold':
      if (state.place !== 'before' && seen.live !== state.place && !bringPlaceUp(machine, dir, state.place)) return 'power';
      return nextOf(machine, state, seen, process, dir, now);
    case 'wait':
    case 'ask':
      return nextOf(machine, state, seen, process, dir, now);
  }
};

/** Lets the guard do what was due until now; what becomes of the machine is for the caller to do: the guard reboots it, or the power goes. */
export const advanceGuard = (machine: Machine, link: Link, now: number): 'restart' | 'power' | undefined => {
  for (let process = machine.deadman; process && process.due <= now && isUp(machine); process = machine.deadman) {
    const at = process.due;
    const next = turn(machine, process, link, at);
    if (next === 'end') {
      machine.deadman = null;
      setUnit(machine, now);
    }
    const soon = at + process.tickMs;
    if (next === 'never') process.due = Number.POSITIVE_INFINITY;
    else process.due = typeof next === 'number' ? Math.max(soon, lookFrom(process, machine.bootedAt + next * 1000)) : soon;
    if (next === 'restart' || next === 'power') return next;
  }
  return undefined;
};
