import { NOW, luaScript } from '../journal/redis-script.ts';

/**
 * Takes a lease. KEYS lease; ARGV owner, ttl ms, fence that must be passed, nonce.
 *
 * The hash stays for ever, because its `fence` only rises; `owner`, `until` and `nonce` are there while somebody holds it, `unclaimed` from
 * when it ran out under its owner until a later one has claimed the node.
 *
 * @returns `taken`, fence, 'unclaimed' or '' | `held`, ms left, owner
 */
export const takeScript = luaScript(`
${NOW}
local owner, till, fence, nonce = unpack(redis.call('HMGET', KEYS[1], 'owner', 'until', 'fence', 'nonce'))
fence = tonumber(fence or '0')
-- the same call again, after its reply was lost
local mine = owner and nonce == ARGV[4]
if owner and not mine and tonumber(till) > now then return {'held', tonumber(till) - now, owner} end
if not mine then fence = math.max(fence, tonumber(ARGV[3])) + 1 end
if owner and not mine then redis.call('HSET', KEYS[1], 'unclaimed', '1') end
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'nonce', ARGV[4], 'fence', string.format('%.0f', fence), 'until', string.format('%.0f', now + tonumber(ARGV[2])))
return {'taken', fence, redis.call('HEXISTS', KEYS[1], 'unclaimed') == 1 and 'unclaimed' or ''}`);

/** Lua: leaves with 0 unless the lease is still that of ARGV[1] with the fence ARGV[2]. */
const MINE = `
local owner, fence = unpack(redis.call('HMGET', KEYS[1], 'owner', 'fence'))
if owner ~= ARGV[1] or fence ~= ARGV[2] then return 0 end`;

/** Renews a lease. KEYS lease; ARGV owner, fence, ttl ms. @returns 1, or 0 when it is lost */
export const renewScript = luaScript(`
${MINE}
${NOW}
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + tonumber(ARGV[3])))
return 1`);

/** The node keeps lower fences out now. KEYS lease; ARGV owner, fence. @returns 1, or 0 when the lease is lost */
export const claimedScript = luaScript(`
${MINE}
redis.call('HDEL', KEYS[1], 'unclaimed')
return 1`);

/** Gives a lease back. KEYS lease; ARGV owner, fence. @returns 1, or 0 when it was not held */
export const releaseScript = luaScript(`
${MINE}
redis.call('HDEL', KEYS[1], 'owner', 'until', 'nonce')
return 1`);

/**
 * Reserves a node for a run. KEYS reservation, hold; ARGV run, by.
 *
 * @returns `reserved` | `taken`, run, by, since | `held`, by, why, since
 */
export const reserveScript = luaScript(`
${NOW}
local run, by, since = unpack(redis.call('HMGET', KEYS[1], 'run', 'by', 'since'))
if run == ARGV[1] then return {'reserved'} end
if run then return {'taken', run, by, since} end
local who, why, from = unpack(redis.call('HMGET', KEYS[2], 'by', 'why', 'since'))
if who then return {'held', who, why, from} end
redis.call('HSET', KEYS[1], 'run', ARGV[1], 'by', ARGV[2], 'since', string.format('%.0f', now))
return {'reserved'}`);

/** Ends a run's reservation. KEYS reservation; ARGV run. @returns 1, or 0 when the run had none */
export const giveBackScript = luaScript(`
if redis.call('HGET', KEYS[1], 'run') ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`);

/** Holds a node unless somebody else does. KEYS hold; ARGV by, why. @returns by, why, since of the hold that stands */
export const holdScript = luaScript(`
${NOW}
local by = redis.call('HGET', KEYS[1], 'by')
if not by or by == ARGV[1] then redis.call('HSET', KEYS[1], 'by', ARGV[1], 'why', ARGV[2]) end
redis.call('HSETNX', KEYS[1], 'since', string.format('%.0f', now))
return redis.call('HMGET', KEYS[1], 'by', 'why', 'since')`);
