import type { Redis } from 'ioredis';
import { RedisError } from '../core/error.ts';
import type { NodeEvent } from '../core/event.ts';
import { readEvent } from './records.ts';
import { onRedis } from './redis-trouble.ts';

/** An entry of a stream: its id, and names and values in turn. */
export type Entry = readonly [id: string, fields: readonly string[]];

/** How many entries one answer may carry. */
const PAGE = 500;

/** The key of the events of a stream. */
export const eventsKey = (run: string, stream: string): string => `drover:{${run}/${stream}}:events`;

/** The value of a field. */
export const field = ([, fields]: Entry, name: string): string | undefined => {
  const index = fields.findIndex((key, at) => at % 2 === 0 && key === name);
  return index < 0 ? undefined : fields[index + 1];
};

/** Epoch ms of an id that Redis made. */
export const msOf = (id: string): number => Number(id.split('-')[0]);

/** The id that comes right behind another. */
export const behindId = (id: string): string => `${msOf(id)}-${Number(id.split('-')[1]) + 1}`;

/** The ids of events are their numbers, so that Redis itself keeps them dense. */
export const eventId = (seq: number): string => `${seq}-0`;

/** Reads an event; `seq` is the number that it has to have. @throws RedisError for a gap, and for what is no event */
export const eventOf = (entry: Entry, run: string, stream: string, seq: number): NodeEvent => {
  const where = `run ${run}, ${stream}: event ${seq}`;
  const [text, at] = [field(entry, 'e'), Number(field(entry, 't'))];
  if (entry[0] !== eventId(seq))
    throw new RedisError(`${where} is missing, the next is ${entry[0]}: somebody has cut the journal in Redis`);
  if (text === undefined || !Number.isFinite(at))
    throw new RedisError(`${where} is no record of drover: somebody else wrote to the journal in Redis`);
  return { ...readEvent(text, where), seq, at };
};

/** Reads a stream from an id to its end, a page at a time. */
export const readFrom = async (redis: Redis, key: string, start: string): Promise<readonly Entry[]> => {
  const all: Entry[] = [];
  for (let from = start; ;) {
    const page = await onRedis(redis, () => redis.xrange(key, from, '+', 'COUNT', PAGE));
    all.push(...page);
    const last = page.at(-1);
    if (page.length < PAGE || !last) return all;
    from = behindId(last[0]);
  }
};

/** Reads the events of a stream behind one. @throws RedisError */
export const readEvents = async (redis: Redis, run: string, stream: string, afterSeq: number): Promise<readonly NodeEvent[]> => {
  const entries = await readFrom(redis, eventsKey(run, stream), eventId(afterSeq + 1));
  return entries.map((entry, index) => eventOf(entry, run, stream, afterSeq + 1 + index));
};
