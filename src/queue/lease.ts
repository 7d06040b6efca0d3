import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { onRedis } from '../journal/redis-trouble.ts';
import { claimedScript, giveBackScript, holdScript, releaseScript, renewScript, reserveScript, takeScript } from './lease-scripts.ts';

/**
 * A lease that was taken, `unclaimed` when it had run out under its last owner, who may only be frozen: the node has to be claimed first; or who has it for how much longer. */
export type Take =
  | { readonly kind: 'taken'; readonly fence: number; readonly unclaimed: boolean }
  | { readonly kind: 'held'; readonly by: string; readonly forMs: number };
/** Which run a node belongs to; `sinceMs` is epoch milliseconds. */
export type Reservation = { readonly run: string; readonly by: string; readonly sinceMs: number };
/** A person keeps drover off a node; `sinceMs` is epoch milliseconds. */
export type Hold = { readonly by: string; readonly why: string; readonly sinceMs: number };
/** What came of reserving a node. `taken`: it belongs to another run; `held`: a person keeps drover off it. */
export type Reserve = { readonly kind: 'reserved' } | ({ readonly kind: 'taken' } & Reservation) | ({ readonly kind: 'held' } & Hold);

/**
 * Who may act on a node. A lease (short, renewed, numbered) says who acts now; a reservation (until the run gives it back) says which run
 * owns the node; a hold is a person's, and keeps every new run off it. Each call is one atomic script. @throws RedisError
 */
export type Leases = {
  /**
   * Takes the lease if nobody has it, not even the same owner in another call.
   *
   * @param atLeast what the node itself has stored: the fence will be higher than this and than all before
   */
  take(node: string, owner: string, ttlMs: number, atLeast?: number): Promise<Take>;
  /** The node keeps the last owner out now. */
  claimed(node: string, owner: string, fence: number): Promise<void>;
  /** Makes a lease last `ttlMs` from now. Also one that ran out while nobody else took it; false: it is lost. */
  renew(node: string, owner: string, fence: number, ttlMs: number): Promise<boolean>;
  /** Gives a lease back; one that is lost already is left alone. */
  release(node: string, owner: string, fence: number): Promise<void>;
  reserve(node: string, run: string, by: string): Promise<Reserve>;
  /** Ends the reservation of this run; that of another is left alone. */
  giveBack(node: string, run: string): Promise<void>;
  reservation(node: string): Promise<Reservation | null>;
  /** Keeps drover off a node. @returns the hold that stands: the first one stays when somebody else holds the node already */
  hold(node: string, by: string, why: string): Promise<Hold>;
  /** Lets drover at a node again. @returns false when nobody held it */
  unhold(node: string): Promise<boolean>;
  held(node: string): Promise<Hold | null>;
};

const key = (node: string, what: 'lease' | 'reservation' | 'hold'): string => `drover:{${node}}:${what}`;

const sinceMs = z.coerce.number();
const takeReply = z.tuple([z.enum(['taken', 'held']), z.number(), z.string()]);
const reserveReply = z.union([z.tuple([z.literal('reserved')]), z.tuple([z.enum(['taken', 'held']), z.string(), z.string(), sinceMs])]);
const three = z.tuple([z.string(), z.string(), sinceMs]);

/** The leases, reservations and holds in Redis, on a connection that stays the caller's. */
export const leases = (redis: Redis): Leases => {
  const readThree = async (name: string, ...fields: [string, string, string]): Promise<readonly [string, string, number] | null> => {
    const found = await onRedis(redis, () => redis.hmget(name, ...fields));
    return found[0] === null ? null : three.parse(found);
  };
  return {
    take: async (node, owner, ttlMs, atLeast = 0) => {
      const reply = await takeScript(redis, [key(node, 'lease')], [owner, ttlMs, atLeast, randomUUID()]);
      const [kind, number, by] = takeReply.parse(reply);
      return kind === 'taken' ? { kind, fence: number, unclaimed: by === 'unclaimed' } : { kind, by, forMs: number };
    },
    claimed: async (node, owner, fence) => {
      await claimedScript(redis, [key(node, 'lease')], [owner, fence]);
    },
    renew: async (node, owner, fence, ttlMs) => (await renewScript(redis, [key(node, 'lease')], [owner, fence, ttlMs])) === 1,
    release: async (node, owner, fence) => {
      await releaseScript(redis, [key(node, 'lease')], [owner, fence]);
    },
    reserve: async (node, run, by) => {
      const reply = reserveReply.parse(await reserveScript(redis, [key(node, 'reservation'), key(node, 'hold')], [run, by]));
      if (reply.length === 1) return { kind: 'reserved' };
      const [kind, first, second, since] = reply;
      return kind === 'taken' ? { kind, run: first, by: second, sinceMs: since } : { kind, by: first, why: second, sinceMs: since };
    },
    giveBack: async (node, run) => {
      await giveBackScript(redis, [key(node, 'reservation')], [run]);
    },
    reservation: async (node) => {
      const found = await readThree(key(node, 'reservation'), 'run', 'by', 'since');
      return found && { run: found[0], by: found[1], sinceMs: found[2] };
    },
    hold: async (node, by, why) => {
      const [who, reason, since] = three.parse(await holdScript(redis, [key(node, 'hold')], [by, why]));
      return { by: who, why: reason, sinceMs: since };
    },
    unhold: async (node) => (await onRedis(redis, () => redis.del(key(node, 'hold')))) === 1,
    held: async (node) => {
      const found = await readThree(key(node, 'hold'), 'by', 'why', 'since');
      return found && { by: found[0], why: found[1], sinceMs: found[2] };
    },
  };
};
