import type { Redis } from 'ioredis';
import { RedisError } from '../core/error.ts';

/** What came of asking for a lease: a fence that is higher than all before it, or who has it for how many more milliseconds. */
export type Taken = { readonly kind: 'taken'; readonly fence: number } | { readonly kind: 'held'; readonly by: string; readonly forMs: number };
/** What came of asking for a reservation: it is the run's, another run's, or a person keeps drover off the node. Times are epoch ms. */
export type Reserved =
  | { readonly kind: 'reserved' }
  | { readonly kind: 'taken'; readonly run: string; readonly by: string; readonly sinceMs: number }
  | { readonly kind: 'held'; readonly by: string; readonly why: string; readonly sinceMs: number };
/** Who keeps drover off a node, why, and since when (epoch ms). */
export type Hold = { readonly by: string; readonly why: string; readonly sinceMs: number };
/** Which run owns a node, who started it, and since when (epoch ms). */
export type Reservation = { readonly run: string; readonly by: string; readonly sinceMs: number };

/** Who acts on a node now (a lease: runs out, fenced), which run owns it (a reservation: lasts), and who keeps drover off it (a hold). */
export type Leases = {
  /** @param atLeast the fence that the node itself has stored, if it is known: the new one is higher */
  take(name: string, owner: string, ttlMs: number, atLeast?: number): Promise<Taken>;
  /** False when it is somebody else's, or ran out. */
  renew(name: string, owner: string, fence: number, ttlMs: number): Promise<boolean>;
  release(name: string, owner: string, fence: number): Promise<void>;
  /** Reserving again for the same run is no conflict. */
  reserve(node: string, run: string, by: string): Promise<Reserved>;
  giveBack(node: string, run: string): Promise<void>;
  reservation(node: string): Promise<Reservation | null>;
  hold(node: string, by: string, why: string): Promise<void>;
  unhold(node: string): Promise<boolean>;
  held(node: string): Promise<Hold | null>;
};

const leaseKey = (name: string): string => `drover:{${name}}:lease`;
const fenceKey = (name: string): string => `drover:{${name}}:fence`;
const reservationKey = (node: string): string => `drover:{${node}}:reservation`;
const holdKey = (node: string): string => `drover:{${node}}:hold`;

const TAKE = `
local held = redis.call('GET', KEYS[1])
if held then return {'held', held, redis.call('PTTL', KEYS[1])} end
local fence = tonumber(redis.call('GET', KEYS[2]) or '0')
if tonumber(ARGV[3]) > fence then fence = tonumber(ARGV[3]) end
fence = fence + 1
redis.call('SET', KEYS[2], string.format('%d', fence))
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. string.format('%d', fence), 'PX', ARGV[2])
return {'taken', fence}
`;
const RENEW = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`;
const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`;
const RESERVE = `
local hold = redis.call('HMGET', KEYS[2], 'by', 'why', 'since')
if hold[1] then return {'held', hold[1], hold[2], hold[3]} end
local had = redis.call('HMGET', KEYS[1], 'run', 'by', 'since')
if had[1] and had[1] ~= ARGV[1] then return {'taken', had[1], had[2], had[3]} end
if not had[1] then redis.call('HSET', KEYS[1], 'run', ARGV[1], 'by', ARGV[2], 'since', ARGV[3]) end
return {'reserved'}
`;
const GIVE_BACK = `
if redis.call('HGET', KEYS[1], 'run') == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
`;

const words = (answer: unknown): readonly string[] => (Array.isArray(answer) ? answer.map(String) : [String(answer)]);

/** Leases, reservations and holds in Redis, each decided by one script. @throws RedisError, transient, when Redis does not answer */
export const leases = (redis: Redis): Leases => {
  const ask = async <T>(doing: string, work: () => Promise<T>): Promise<T> =>
    work().catch((error: unknown) => {
      throw new RedisError(`Redis did not answer while ${doing}: ${error instanceof Error ? error.message : String(error)}`, { transient: true, cause: error });
    });
  const script = async (doing: string, text: string, keys: readonly string[], args: readonly (string | number)[]): Promise<readonly string[]> =>
    ask(doing, async () => words(await redis.eval(text, keys.length, ...keys, ...args)));
  const hash = async (key: string): Promise<Readonly<Record<string, string>>> => ask(`reading ${key}`, async () => redis.hgetall(key));
  return {
    take: async (name, owner, ttlMs, atLeast = 0) => {
      const [kind, what = '', forMs = '0'] = await script(`taking ${name}`, TAKE, [leaseKey(name), fenceKey(name)], [owner, ttlMs, atLeast]);
      return kind === 'taken' ? { kind, fence: Number(what) } : { kind: 'held', by: what.split(' ')[0] ?? what, forMs: Number(forMs) };
    },
    renew: async (name, owner, fence, ttlMs) => (await script(`renewing ${name}`, RENEW, [leaseKey(name)], [`${owner} ${fence}`, ttlMs]))[0] === '1',
    release: async (name, owner, fence) => {
      await script(`giving back ${name}`, RELEASE, [leaseKey(name)], [`${owner} ${fence}`]);
    },
    reserve: async (node, run, by) => {
      const [kind, a = '', b = '', c = '0'] = await script(`reserving ${node}`, RESERVE, [reservationKey(node), holdKey(node)], [run, by, Date.now()]);
      if (kind === 'held') return { kind, by: a, why: b, sinceMs: Number(c) };
      return kind === 'taken' ? { kind, run: a, by: b, sinceMs: Number(c) } : { kind: 'reserved' };
    },
    giveBack: async (node, run) => {
      await script(`giving back ${node}`, GIVE_BACK, [reservationKey(node)], [run]);
    },
    reservation: async (node) => {
      const { run, by = '', since = '0' } = await hash(reservationKey(node));
      return run === undefined ? null : { run, by, sinceMs: Number(since) };
    },
    hold: async (node, by, why) => {
      await ask(`holding ${node}`, async () => redis.hset(holdKey(node), { by, why, since: Date.now() }));
    },
    unhold: async (node) => ask(`giving ${node} free`, async () => (await redis.del(holdKey(node))) === 1),
    held: async (node) => {
      const { by, why = '', since = '0' } = await hash(holdKey(node));
      return by === undefined ? null : { by, why, sinceMs: Number(since) };
    },
  };
};
