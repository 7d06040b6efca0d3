import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Identity } from '../core/node.ts';
import type { NodeMemory } from '../core/ports.ts';

const MOST_ADDRESSES = 8;
const key = (node: string): string => `drover:{${node}}:known`;

const identitySchema = z.object({ hostKey: z.string(), machineId: z.string(), productUuid: z.string().nullable() });
const addressesSchema = z.array(z.string());

const json = (text: string | null | undefined): unknown => (text === null || text === undefined ? undefined : JSON.parse(text));

/** What is known of nodes across runs, in Redis: the addresses they answered at, latest first, and who they are. */
export const nodeMemory = (redis: Redis): NodeMemory & { forget(node: string): Promise<void> } => {
  const recall = async (node: string): Promise<{ readonly addresses: readonly string[]; readonly identity: Identity | null }> => {
    const [addresses, identity] = await redis.hmget(key(node), 'addresses', 'identity');
    return {
      addresses: addressesSchema.safeParse(json(addresses)).data ?? [],
      identity: identitySchema.safeParse(json(identity)).data ?? null,
    };
  };
  return {
    recall,
    remember: async (node, { address, identity }) => {
      if (identity) await redis.hset(key(node), 'identity', JSON.stringify(identity));
      if (address === undefined) return;
      // only the holder of the node's lease remembers, so nobody comes between
      const { addresses } = await recall(node);
      const latest = [address, ...addresses.filter((one) => one !== address)].slice(0, MOST_ADDRESSES);
      await redis.hset(key(node), 'addresses', JSON.stringify(latest));
    },
    forget: async (node) => {
      await redis.del(key(node));
    },
  };
};
