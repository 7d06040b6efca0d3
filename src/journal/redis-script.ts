import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { onRedis } from './redis-trouble.ts';

/** A Lua script, which Redis runs as a whole with nothing in between. @throws RedisError */
export type Script = (redis: Redis, keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>;

/** Lua: sets `now` to the epoch milliseconds of the Redis server, the one clock that all workers share. */
export const NOW = `local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)`;

/** Makes a script. It goes over the wire once a server and is then called by its hash. */
export const luaScript = (lua: string): Script => {
  const hash = createHash('sha1').update(lua).digest('hex');
  return (redis, keys, args) =>
    onRedis(redis, async () => {
      try {
        return await redis.evalsha(hash, keys.length, ...keys, ...args);
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
        return redis.eval(lua, keys.length, ...keys, ...args);
      }
    });
};
