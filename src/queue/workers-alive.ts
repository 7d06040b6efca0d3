import type { Redis } from 'ioredis';
import { z } from 'zod';
import { NOW, luaScript } from '../journal/redis-script.ts';
import { onRedis } from '../journal/redis-trouble.ts';

/** What a worker has at this moment: a node, or `run/RUN` for a run itself; `since` is epoch milliseconds. */
export type Holding = { readonly name: string; readonly since: number };
/** A run that a worker has not the means to work on, its runbook above all, and why. */
export type Lack = { readonly run: string; readonly why: string };

/** A process that works on runs; `startedAt` is epoch milliseconds. */
export type WorkerInfo = {
  /** As it stands in leases and journals: host, pid and a random part. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly concurrency: number;
  readonly startedAt: number;
  readonly holds: readonly Holding[];
  readonly lacks: readonly Lack[];
};

/** A worker that has not beaten for this long counts as dead. Beat at least three times as often. */
export const ALIVE_MS = 8000;

const SEEN = 'drover:{workers}:seen';
const INFO = 'drover:{workers}:info';

/** KEYS seen, info; ARGV id, the worker as JSON. */
const beatScript = luaScript(`
${NOW}
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return 1`);

/** Drops the dead and lists the rest. KEYS seen, info; ARGV ms. */
const aliveScript = luaScript(`
${NOW}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.0f', now - tonumber(ARGV[1])))) do
  redis.call('ZREM', KEYS[1], id)
  redis.call('HDEL', KEYS[2], id)
end
return redis.call('HVALS', KEYS[2])`);

/** A worker says that it lives, and what it does. @throws RedisError */
export const beat = async (redis: Redis, worker: WorkerInfo): Promise<void> => {
  await beatScript(redis, [SEEN, INFO], [worker.id, JSON.stringify(worker)]);
};

/** A worker says goodbye, so that nobody waits for it to be missed. @throws RedisError */
export const goodbye = async (redis: Redis, id: string): Promise<void> => {
  await onRedis(redis, () => Promise.all([redis.zrem(SEEN, id), redis.hdel(INFO, id)]));
};

const shape = z.looseObject({
  id: z.string(),
  host: z.string(),
  pid: z.number(),
  concurrency: z.number(),
  startedAt: z.number(),
  holds: z.array(z.object({ name: z.string(), since: z.number() })).default([]),
  lacks: z.array(z.object({ run: z.string(), why: z.string() })).default([]),
});

/** The workers that have beaten lately, longest at work first. @param withinMs how lately @throws RedisError */
export const workersAlive = async (redis: Redis, withinMs = ALIVE_MS): Promise<readonly WorkerInfo[]> => {
  const texts = z.array(z.string()).parse(await aliveScript(redis, [SEEN, INFO], [withinMs]));
  // one that another version wrote otherwise is alive as well, but nothing can be said about it
  const workers = texts.flatMap((text) => shape.safeParse(JSON.parse(text)).data ?? []);
  return workers.sort((a, b) => a.startedAt - b.startedAt);
};
