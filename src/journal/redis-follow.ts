import type { Redis } from 'ioredis';
import { onRedis, watchTrouble } from './redis-trouble.ts';

/** An entry of a stream: its id, and names and values in turn. */
export type Entry = readonly [id: string, fields: readonly string[]];

/** How many entries one answer may carry. */
export const PAGE = 500;

/** Waits for work or for the signal, whichever is first. */
const orAborted = <T>(signal: AbortSignal, work: Promise<T>): Promise<T | 'aborted'> =>
  new Promise((resolve, reject) => {
    const stop = (): void => resolve('aborted');
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });

/**
 * Yields the entries of a stream behind `SEQ-0` as they come, until the signal.
 *
 * Has a connection of its own, because a blocked XREAD holds up every command behind it. A lost connection is made anew and goes on from
 * the last entry.
 *
 * @param blockMs how long one XREAD waits; a server that is silent for three times as long is taken for dead
 * @throws RedisError when Redis stays away
 */
export async function* followEntries(
  redis: Redis,
  key: string,
  afterSeq: number,
  signal: AbortSignal,
  blockMs: number,
): AsyncGenerator<Entry> {
  if (signal.aborted) return;
  const own = redis.duplicate({ commandTimeout: undefined, socketTimeout: blockMs * 3, lazyConnect: false });
  watchTrouble(own);
  const read = async (after: string): Promise<readonly Entry[]> => {
    const answer = await onRedis(own, () => own.xread('COUNT', PAGE, 'BLOCK', blockMs, 'STREAMS', key, after));
    return answer?.[0]?.[1] ?? [];
  };
  try {
    for (let last = `${afterSeq}-0`; ;) {
      // not left to disconnect(): while ioredis reconnects, that leaves a command waiting for ever
      const entries = await orAborted(signal, read(last));
      if (entries === 'aborted') return;
      for (const entry of entries) {
        if (signal.aborted) return;
        last = entry[0];
        yield entry;
      }
      if (signal.aborted) return;
    }
  } finally {
    own.disconnect();
  }
}
