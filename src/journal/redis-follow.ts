import type { Redis } from 'ioredis';
import type { Entry } from './redis-stream.ts';
import { onRedis, watchTrouble } from './redis-trouble.ts';

/** How many entries one answer may carry. */
const PAGE = 500;

/** Waits for work or for the signal, whichever is first. */
export const orAborted = <T>(signal: AbortSignal, work: Promise<T>): Promise<T | 'aborted'> =>
  new Promise((resolve, reject) => {
    const stop = (): void => resolve('aborted');
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });

/**
 * Yields the entries of a stream behind an id as they come, a page at a time, until the signal.
 *
 * Has a connection of its own, because a blocked XREAD holds up every command behind it. A lost connection is made anew and goes on from
 * the last entry.
 *
 * @param blockMs how long one XREAD waits; a server that is silent for three times as long is taken for dead
 * @throws RedisError when Redis stays away
 */
export async function* followPages(
  redis: Redis,
  key: string,
  after: string,
  signal: AbortSignal,
  blockMs: number,
): AsyncGenerator<readonly Entry[]> {
  if (signal.aborted) return;
  const own = redis.duplicate({ commandTimeout: undefined, socketTimeout: blockMs * 3, lazyConnect: false });
  watchTrouble(own);
  const read = async (last: string): Promise<readonly Entry[]> => {
    const answer = await onRedis(own, () => own.xread('COUNT', PAGE, 'BLOCK', blockMs, 'STREAMS', key, last));
    return answer?.[0]?.[1] ?? [];
  };
  try {
    for (let last = after; ;) {
      // not left to disconnect(): while ioredis reconnects, that leaves a command waiting for ever
      const entries = await orAborted(signal, read(last));
      if (entries === 'aborted' || signal.aborted) return;
      last = entries.at(-1)?.[0] ?? last;
      if (entries.length > 0) yield entries;
      if (signal.aborted) return;
    }
  } finally {
    own.disconnect();
  }
}
