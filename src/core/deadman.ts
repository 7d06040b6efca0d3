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
  readonly device: string;
  readonly old: Place;
  readonly new: Place;
};

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

/**
 * The guard's times for a deadline in milliseconds.
 *
 * They follow from it, so that nobody has to weigh four of them: a node that drover cannot reach for three deadlines stays where it is when
 * its gateway answers there, and one that finds no gateway changes places every third of a deadline.
 */
export const deadmanTimes = (deadlineMs: number): DeadmanTimes => {
  const wait = Math.max(1, Math.ceil(deadlineMs / 1000));
  return { wait, moved: Math.max(5, Math.ceil(wait / 10)), stay: wait * 5, turn: Math.max(5, Math.ceil(wait / 3)) };
};

/** What the guard on a node tells of itself; `reverts` counts how often it has brought the old configuration up since it was armed. */
export type DeadmanStatus =
  | { readonly guard: 'absent' }
  | {
      readonly guard: 'armed';
      readonly run: string;
      readonly step: string;
      readonly place: 'before' | 'new' | 'old';
      /** The boot that it was armed on. */
      readonly armedOn: string;
      readonly restarted: boolean;
      readonly reverts: number;
      readonly why: string;
    };
