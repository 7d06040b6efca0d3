import type { Redis } from 'ioredis';
import { RedisError } from '../core/error.ts';
import type { NodeEvent } from '../core/event.ts';
import type { StreamEvent } from '../core/ports.ts';
import { followPages, orAborted } from './redis-follow.ts';
import { type Entry, behindId, eventId, eventOf, eventsKey, readFrom } from './redis-stream.ts';
import { onRedis } from './redis-trouble.ts';

/**
 * The feed of a run: for each event of any of its streams a pointer, in the order in which they were written.
 *
 * A pointer has one field: the name is that of the stream, the value the number of the event. One script writes event and pointer, so the feed
 * can tell neither more nor less than the streams; what happened stands only there.
 */
export const feedKey = (run: string): string => `drover:{${run}}:feed`;

/** Tells which streams got events behind a cursor, the id of a pointer. */
export const changedStreams = async (
  redis: Redis,
  run: string,
  after: string,
): Promise<{ readonly streams: readonly string[]; readonly cursor: string }> => {
  const pointers = await readFrom(redis, feedKey(run), after === '' ? '-' : behindId(after));
  return { streams: [...new Set(pointers.map(([, [stream]]) => stream ?? ''))], cursor: pointers.at(-1)?.[0] ?? after };
};

/** Fetches what pointers point to, in their order: one command a stream, all sent at once. */
const fetched = async (redis: Redis, run: string, pointers: readonly Entry[]): Promise<readonly StreamEvent[]> => {
  const wanted = pointers.map(([id, [stream = '', seq]]) => ({ id, stream, seq: Number(seq) }));
  const broken = wanted.find(({ seq }) => !Number.isSafeInteger(seq));
  if (broken) throw new RedisError(`run ${run}: entry ${broken.id} of its feed is no record of drover: somebody else wrote to it in Redis`);
  // the pointers to one stream are dense, because its events are
  const ranges = Map.groupBy(wanted, ({ stream }) => stream);
  const events = new Map<string, Map<number, NodeEvent>>();
  await Promise.all(
    [...ranges].map(async ([stream, some]) => {
      const [first, last] = [some[0]?.seq ?? 1, some.at(-1)?.seq ?? 0];
      const entries = await onRedis(redis, () => redis.xrange(eventsKey(run, stream), eventId(first), eventId(last)));
      events.set(stream, new Map(entries.map((entry, index) => [first + index, eventOf(entry, run, stream, first + index)])));
    }),
  );
  return wanted.map(({ stream, seq }) => {
    const event = events.get(stream)?.get(seq);
    if (!event) throw new RedisError(`run ${run}, ${stream}: event ${seq} is missing: somebody has cut the journal in Redis`);
    return { stream, event };
  });
};

/** Follows all streams of a run at once, on one connection of its own. @throws RedisError when Redis stays away */
export async function* followFeed(
  redis: Redis,
  run: string,
  after: string,
  signal: AbortSignal,
  blockMs: number,
): AsyncGenerator<StreamEvent> {
  for await (const pointers of followPages(redis, feedKey(run), after === '' ? '0-0' : after, signal, blockMs)) {
    const events = await orAborted(signal, fetched(redis, run, pointers));
    if (events === 'aborted') return;
    for (const event of events) {
      if (signal.aborted) return;
      yield event;
    }
  }
}
