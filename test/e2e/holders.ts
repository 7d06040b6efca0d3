import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { connectRedis } from '../../src/queue/connection.ts';
import type { Operator } from './drover.ts';

/** An event as it lies in Redis: by what right it was written, and when. */
export type Entry = { readonly seq: number; readonly fence: number; readonly at: number; readonly type: string };

/** What Redis itself says about who works on what. */
export type Holders = Disposable & {
  readonly redis: Redis;
  /** The process that holds a node now, and its fence. */
  holder(node: string): Promise<{ readonly pid: number; readonly fence: number } | undefined>;
  entries(run: string, node: string): Promise<readonly Entry[]>;
  /** Waits, bounded, for the first event that one process writes about a node. */
  firstBy(pid: number, run: string, node: string, since: number, withinMs: number): Promise<Entry>;
};

const typeOf = (text: string): string => /"type":"([^"]+)"/.exec(text)?.[1] ?? '';

/** Looks into an operator's private Redis. */
export const holdersOf = (operator: Operator): Holders => {
  const redis = connectRedis({ socket: join(operator.stateDir, 'state', 'redis.sock'), name: 'test' });
  const entries: Holders['entries'] = async (run, node) =>
    (await redis.xrange(`drover:{${run}/${node}}:events`, '-', '+')).map(([id, fields]) => {
      const field = (name: string): string => fields[fields.indexOf(name) + 1] ?? '';
      return { seq: Number(id.split('-')[0]), fence: Number(field('f')), at: Number(field('t')), type: typeOf(field('e')) };
    });
  const holder: Holders['holder'] = async (node) => {
    const [owner, fence] = await redis.hmget(`drover:{${node}}:lease`, 'owner', 'fence');
    const pid = Number(owner?.split('/')[1]);
    return Number.isFinite(pid) ? { pid, fence: Number(fence) } : undefined;
  };
  return {
    redis,
    holder,
    entries,
    firstBy: async (pid, run, node, since, withinMs) => {
      const until = Date.now() + withinMs;
      const fences = new Set<number>();
      while (Date.now() < until) {
        const now = await holder(node);
        if (now?.pid === pid) fences.add(now.fence);
        const found = (await entries(run, node)).find((entry) => entry.at >= since && fences.has(entry.fence));
        if (found) return found;
        await wait(5);
      }
      throw new Error(`process ${pid} wrote nothing about ${node} within ${withinMs} ms`);
    },
    [Symbol.dispose]: () => redis.disconnect(),
  };
};
