import type { Redis } from 'ioredis';
import { z } from 'zod';

/** A worker process, as it tells of itself. `startedAt` is epoch ms. */
export type WorkerAlive = { readonly id: string; readonly host: string; readonly pid: number; readonly concurrency: number; readonly startedAt: number };

const ALIVE_MS = 8000;
const schema = z.object({ id: z.string(), host: z.string(), pid: z.number(), concurrency: z.number(), startedAt: z.number() });
const keyOf = (id: string): string => `drover:worker:${id}`;
const NAMES = 'drover:workers';

/** Says that a worker is alive, for the next eight seconds. */
export const beat = async (redis: Redis, worker: WorkerAlive): Promise<void> => {
  await redis.multi().set(keyOf(worker.id), JSON.stringify(worker), 'PX', ALIVE_MS).sadd(NAMES, worker.id).exec();
};

/** Says that a worker has ended. */
export const leaveWork = async (redis: Redis, id: string): Promise<void> => {
  await redis.multi().del(keyOf(id)).srem(NAMES, id).exec();
};

/** The workers that gave a sign of life in the last eight seconds. */
export const workersAlive = async (redis: Redis): Promise<readonly WorkerAlive[]> => {
  const ids = await redis.smembers(NAMES);
  if (ids.length === 0) return [];
  const texts = await redis.mget(ids.map(keyOf));
  const gone = ids.filter((_, index) => texts[index] === null);
  if (gone.length > 0) await redis.srem(NAMES, ...gone);
  return texts.flatMap((text) => (text === null ? [] : (schema.safeParse(JSON.parse(text)).data ?? [])));
};
