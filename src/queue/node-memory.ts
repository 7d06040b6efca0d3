import type { Redis } from 'ioredis';
import { z } from 'zod';
import { RedisError } from '../core/error.ts';
import type { NodeMemory } from '../core/ports.ts';
import { luaScript } from '../journal/redis-script.ts';
import { onRedis } from '../journal/redis-trouble.ts';
import { identityShape } from '../journal/shapes.ts';

/** How many addresses are kept of a node; the one that has not answered for longest falls out. */
const ADDRESSES = 8;

/** KEYS addresses, identity; ARGV address or '', identity as JSON or '', how many addresses. */
const rememberScript = luaScript(`
if ARGV[1] ~= '' then
  redis.call('LREM', KEYS[1], 0, ARGV[1])
  redis.call('LPUSH', KEYS[1], ARGV[1])
  redis.call('LTRIM', KEYS[1], 0, tonumber(ARGV[3]) - 1)
end
if ARGV[2] ~= '' then redis.call('SET', KEYS[2], ARGV[2]) end
return 1`);

const keys = (node: string): readonly [addresses: string, identity: string] => [`drover:{${node}}:addresses`, `drover:{${node}}:identity`];

const asJson = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.issues.push({ code: 'custom', message: 'is no JSON', input: text });
    return z.NEVER;
  }
});
const pinned = z.pipe(asJson, identityShape);

/** What is known of nodes across runs, in Redis: so a second run with an old inventory still finds a node that was moved. @throws RedisError */
export const nodeMemory = (
  redis: Redis,
): NodeMemory & { /** Forgets a node, and with it who it is: the next contact is the first. */ forget(node: string): Promise<void> } => ({
  recall: async (node) => {
    const [addressesKey, identityKey] = keys(node);
    const [addresses, identity] = await onRedis(redis, () => Promise.all([redis.lrange(addressesKey, 0, -1), redis.get(identityKey)]));
    if (identity === null) return { addresses, identity: null };
    const result = pinned.safeParse(identity);
    // no identity at all would let any machine in, so a damaged one must not count as none
    if (!result.success)
      throw new RedisError(
        `${node}: its pinned identity cannot be read (${identity}); if you know why, drover forget ${node} makes the next contact the first`,
      );
    return { addresses, identity: result.data };
  },
  remember: async (node, { address, identity }) => {
    await rememberScript(redis, keys(node), [address ?? '', identity === undefined ? '' : JSON.stringify(identity), ADDRESSES]);
  },
  forget: async (node) => {
    await onRedis(redis, () => redis.del(...keys(node)));
  },
});
