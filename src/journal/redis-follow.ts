import type { Redis } from 'ioredis';
import { onRedis, watchTrouble } from './redis-trouble.ts';

/** An entry of a stream: its id, and names and values in turn. */
export type Entry = readonly [id: string, fields: readonly string[]];

/** How many entries one answer may carry. */
export const PAGE = 500;

/**
 * Yields the entries of a stream behind `SEQ-0` as they come, until the signal; ids must be dense from there.
 *
 * Has a connection of its own, because a blocked XREAD holds up every command behind it. A lost connection is made anew and goes on from
 * the last entry.
 *
 * @param blockMs how long one XREAD waits; a server that is silent for three times as long is taken for dead
 * @throws RedisError when Redis stays away
 */
export async function* followEntries(redis: Redis, key: string, afterSeq: number, signal: AbortSignal, blockMs: number): AsyncGenerator<Entry> {
  if (signal.aborted) return;
  const own = redis.duplicate({ commandTimeout: undefined, socketTimeout: blockMs * 3, lazyConnect: false });
  watchTrouble(own);
  // frees a blocked call at once
  const stop = (): void => own.disconnect();
  signal.addEventListener('abort', stop, { once: true });
  const next = async (after: string): Promise<readonly Entry[]> => {
    try {
      const answer = await onRedis(own, () => own.xread('COUNT', PAGE, 'BLOCK', blockMs, 'STREAMS', key, after));
      return answer?.[0]?.[1] ?? [];
    } catch (error) {
      if (signal.aborted) return [];
      throw error;
    }
  };
  try {
    for (let last = `${afterSeq}-0`; !signal.aborted; ) {
      for (const entry of await next(last)) {
        if (signal.aborted) return;
        last = entry[0];
        yield entry;
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    own.disconnect();
  }
}
