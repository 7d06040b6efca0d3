import type { Hold, Leases, Reservation } from './lease.ts';

type Lease = { fence: number; owner: string | null; until: number; unclaimed: boolean };

/** One lease as it was taken, for whoever wants to know who held what when. */
export type Taking = {
  readonly name: string;
  readonly owner: string;
  readonly fence: number;
  readonly at: number;
  readonly from: string | null;
};

/** Leases, reservations and holds that live as long as the process, with the rules of those in Redis. @param now epoch milliseconds */
export const memoryLeases = (now: () => number, taken: (taking: Taking) => void = () => undefined): Leases => {
  const leases = new Map<string, Lease>();
  const reservations = new Map<string, Reservation>();
  const holds = new Map<string, Hold>();
  const mine = (name: string, owner: string, fence: number): Lease | undefined => {
    const lease = leases.get(name);
    return lease?.owner === owner && lease.fence === fence ? lease : undefined;
  };
  return {
    take: async (name, owner, ttlMs, atLeast = 0) => {
      const lease = leases.get(name) ?? { fence: 0, owner: null, until: 0, unclaimed: false };
      const at = now();
      if (lease.owner !== null && lease.until > at) return { kind: 'held', by: lease.owner, forMs: lease.until - at };
      const fence = Math.max(lease.fence, atLeast) + 1;
      // who was not heard of any more may only be frozen
      const unclaimed = lease.unclaimed || lease.owner !== null;
      leases.set(name, { fence, owner, until: at + ttlMs, unclaimed });
      taken({ name, owner, fence, at, from: lease.owner });
      return { kind: 'taken', fence, unclaimed };
    },
    claimed: async (name, owner, fence) => {
      const lease = mine(name, owner, fence);
      if (lease) lease.unclaimed = false;
    },
    renew: async (name, owner, fence, ttlMs) => {
      const lease = mine(name, owner, fence);
      if (lease) lease.until = now() + ttlMs;
      return lease !== undefined;
    },
    release: async (name, owner, fence) => {
      const lease = mine(name, owner, fence);
      if (lease) lease.owner = null;
    },
    reserve: async (node, run, by) => {
      const known = reservations.get(node);
      if (known?.run === run) return { kind: 'reserved' };
      if (known) return { kind: 'taken', ...known };
      const held = holds.get(node);
      if (held) return { kind: 'held', ...held };
      reservations.set(node, { run, by, sinceMs: now() });
      return { kind: 'reserved' };
    },
    giveBack: async (node, run) => {
      if (reservations.get(node)?.run === run) reservations.delete(node);
    },
    reservation: async (node) => reservations.get(node) ?? null,
    hold: async (node, by, why) => {
      const known = holds.get(node);
      if (known && known.by !== by) return known;
      const made = { by, why, sinceMs: known?.sinceMs ?? now() };
      holds.set(node, made);
      return made;
    },
    unhold: async (node) => holds.delete(node),
    held: async (node) => holds.get(node) ?? null,
  };
};
