import { type CommandResult, type NodeCommand, sh } from './command.ts';
import { type Duration, durationMs } from './duration.ts';
import { CommandError } from './error.ts';

/** One of the two places that a move is between. */
export type Place = {
  /** IPv4 address with its prefix; null where DHCP gives it. */
  readonly address: string | null;
  readonly gateway: string | null;
};

/** A move of a node's address, as the guard on the node has to know it. */
export type Move = {
  /** NetworkManager's UUID of the connection. */
  readonly connection: string;
  /** The interface that it is bound to; null for the one that it is up on when the guard is armed. */
  readonly device: string | null;
  /** Where the connection is stored. */
  readonly file: string;
  readonly old: Place;
  readonly new: Place;
};

/** The same move the other way. */
export const movedBack = (move: Move): Move => ({ ...move, old: move.new, new: move.old });

/** The guard's times, in seconds of uptime. */
export type DeadmanTimes = {
  /** How long it waits for a confirmation after the boot. */
  readonly wait: number;
  /** How long the old gateway has to be gone, and the new one there, before it restarts a node that was moved and not restarted. */
  readonly moved: number;
  /** How long it stays where the new gateway answers although nobody confirms, from the boot on. */
  readonly stay: number;
  /** How long it tries a place before it tries the other. */
  readonly turn: number;
};

/** The shortest turn at a place: drover asks all addresses of a node in rounds of up to 12 s, and the place has to come up first. */
const TURN = 30;

/**
 * The guard's times for a deadline in milliseconds.
 *
 * They follow from it, so that nobody has to weigh four of them: a node that drover cannot reach for three deadlines stays where it is when
 * its gateway answers there, and one that finds no gateway changes places every third of a deadline, but leaves drover the time to find it.
 */
export const deadmanTimes = (deadlineMs: number): DeadmanTimes => {
  const wait = Math.max(1, Math.ceil(deadlineMs / 1000));
  return { wait, moved: Math.max(5, Math.ceil(wait / 10)), stay: wait * 5, turn: Math.max(TURN, Math.ceil(wait / 3)) };
};

/** What the guard on a node tells of itself; `reverts` counts how often it has brought the old configuration up since its first arming. */
export type DeadmanStatus =
  | { readonly guard: 'absent' }
  | {
      readonly guard: 'armed';
      readonly run: string;
      readonly move: string;
      readonly place: 'before' | 'new' | 'old';
      /** The boot that it was armed on. */
      readonly armedOn: string;
      readonly restarted: boolean;
      readonly reverts: number;
      readonly why: string;
    };

const line = /^armed (\S+) (\S+) (before|new|old) (\S+) (yes|no) (\d+) (.*)$/;

/** Reads what `drover_deadman_status` printed. One that is disarmed is absent. */
export const parseDeadman = ({ stdout }: CommandResult): DeadmanStatus => {
  const text = stdout.trim();
  const [, run, move, place, armedOn, restarted, reverts, why] = line.exec(text) ?? [];
  if (run === undefined || move === undefined || armedOn === undefined || why === undefined) {
    if (text === 'absent' || /^armed \S+ \S+ off /.test(text)) return { guard: 'absent' };
    throw new CommandError(`the guard on the node told nothing that makes sense: ${text}`, { transient: true });
  }
  const at = place === 'new' ? 'new' : place === 'old' ? 'old' : 'before';
  return { guard: 'armed', run, move, place: at, armedOn, restarted: restarted === 'yes', reverts: Number(reverts), why };
};

/** Asks the guard on the node where it stands. */
export const askDeadman: NodeCommand = sh`drover_deadman_status`;

/** The name of a move's folder on the node, made from the id of the activation that makes it take effect. */
export const moveName = (activation: string): string => activation.replaceAll(/[^A-Za-z0-9_-]+/g, '_');

const orDash = (value: string | null): string => value ?? '-';

/**
 * Arms the guard for a move, or arms it again on the boot that runs.
 *
 * `forward`: copies that the run has taken already are what was there before; on the way back, what is there now is the place to return to.
 */
export const armDeadman = (
  activation: string,
  move: Move,
  { deadman, direction, files }: { readonly deadman: Duration; readonly direction: 'forward' | 'back'; readonly files: readonly string[] },
): NodeCommand => {
  const { wait, moved, stay, turn } = deadmanTimes(durationMs(deadman));
  const places = [move.old.address, move.old.gateway, move.new.address, move.new.gateway].map(orDash);
  const source = direction === 'forward' ? 'run' : 'now';
  return sh`drover_deadman_arm ${moveName(activation)} ${move.connection} ${orDash(move.device)} ${places} ${wait} ${moved} ${stay} ${turn} ${source} ${move.file} ${files}`;
};

/** Confirms a move: the guard goes. To be sent over a connection that was made after the move, when identity and proofs hold. */
export const confirmDeadman = (activation: string): NodeCommand => sh`drover_deadman_confirm ${moveName(activation)}`;
/** Tells the guard that drover has reached the node: it gives the proofs its time again, and stays at the old place as long as its gateway is there. */
export const reachedDeadman: NodeCommand = sh`drover_deadman_reached`;
/** Takes the guard away wherever it stands, where the plan has ended as wished without a move. */
export const disarmDeadman: NodeCommand = sh`drover_deadman_disarm`;
/** Takes the guard of another run away, if it is still in force. */
export const disarmOther = (run: string): NodeCommand => sh`drover_deadman_disarm ${run}`;
