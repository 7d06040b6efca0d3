import type { Redis } from 'ioredis';
import { z } from 'zod';
import { UsageError } from '../core/error.ts';
import { isRefusal, redisPlaceOf, redisTrouble } from '../journal/redis-trouble.ts';

/** What a user of Redis' access control lists has to be allowed, in the words of ACL SETUSER. The README shows the same line. */
export const REDIS_RIGHTS =
  '~drover:* ~drover-bull:* resetchannels -@all +@hash +@list +@set +@sortedset +@stream +@string ' +
  '+del +exists +persist +pexpire +pexpireat +pttl +rename +type +unlink +eval +evalsha +time +ping +info +config|get +client|setname';

/**
 * Every command that drover's and BullMQ's scripts use, in a form that changes nothing: the key is a string that ends by itself, and what
 * would put something into it is of another type.
 */
const harmless = `
get K, getdel K, set K x px 1000, incr K, incrby K 1, hget K f, hset K f v, hmget K f, hmset K f v, hsetnx K f v, hdel K f, hvals K, hgetall K, hincrby K f 1,
hexists K f, hlen K, lindex K 0, llen K, lpush K x, rpush K x, lrange K 0 1, lrem K 0 x, ltrim K 0 1, lpos K x, lpop K, rpop K, lset K 0 x,
rpoplpush K K, sadd K x, srem K x, scard K, smembers K, sismember K x, zadd K 1 x, zrem K x, zcard K, zscore K x, zcount K 0 1, zrange K 0 1,
zrangebyscore K 0 1, zrevrange K 0 1, zrevrangebyscore K 1 0, zrangebylex K - +, zlexcount K - +, zremrangebyscore K 0 1, zremrangebyrank K 0 1,
zpopmin K, xadd K * f v, xlen K, xrange K - +, xrevrange K + -, xtrim K maxlen 1, xdel K 1-1, xread streams K 1-1, exists K, type K,
pttl K, pexpire K 1000, pexpireat K 99999999999999, persist K, rename K K, unlink K, del K, time`
  .split(',')
  .map((words) => words.trim());

/** Tries each command as this user; gives the names of those that are not allowed. KEYS any; ARGV commands. */
const probe = `
local denied = {}
redis.pcall('set', KEYS[1], 'x', 'px', 1000)
for _, line in ipairs(ARGV) do
  local words = {}
  for word in string.gmatch(line, '%S+') do words[#words + 1] = word == 'K' and KEYS[1] or word end
  local reply = redis.pcall(unpack(words))
  local problem = type(reply) == 'table' and reply.err or ''
  if string.find(problem, 'NOPERM') or string.find(problem, "can't run this command") then denied[#denied + 1] = words[1] end
end
return denied`;

/**
 * Makes sure that the user of a shared Redis may do all that drover needs, before anything is begun that could not be ended.
 *
 * @throws UsageError that names what to grant, RedisError
 */
export const checkRights = async (redis: Redis): Promise<void> => {
  const user = redis.options.username ?? 'default';
  const refused = (what: string, grant: string): UsageError =>
    new UsageError(
      `Redis at ${redisPlaceOf(redis)} does not let the user ${user} use ${what}: ACL SETUSER ${user} ${grant} (README, "Workers on several machines", has the whole line)`,
    );
  const tried = async (key: string): Promise<unknown> => {
    try {
      return await redis.eval(probe, 1, key, ...harmless);
    } catch (error) {
      if (!isRefusal(error)) throw redisTrouble(redis, error);
      throw error.message.includes('key')
        ? refused(`keys that begin with ${key.replace(/:.*/, ':')}`, `~${key.replace(/:.*/, ':*')}`)
        : refused('eval', '+eval');
    }
  };
  const denied = new Set<string>();
  for (const key of ['drover:{rights}', 'drover-bull:{rights}'])
    z.array(z.string())
      .parse(await tried(key))
      .forEach((name) => denied.add(name));
  // no script may use these: the one blocks; with the other the client waits until Redis has loaded its data
  const alone = { bzpopmin: () => redis.bzpopmin('drover-bull:{rights}', 0.001), info: () => redis.info('persistence') };
  for (const [name, ask] of Object.entries(alone)) {
    await ask().catch((error: unknown) => {
      if (!isRefusal(error)) throw redisTrouble(redis, error);
      denied.add(name);
    });
  }
  if (denied.size > 0) throw refused([...denied].join(', '), [...denied].map((name) => `+${name}`).join(' '));
};
