import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { RedisError } from '../core/error.ts';
import type { Control, NodeEvent } from '../core/event.ts';
import type { Journal } from '../core/ports.ts';
import { conflict } from './conflict.ts';
import { OUTPUT_LINES } from './limits.ts';
import { asWritten, readControl, readEvent } from './records.ts';
import { type Entry, PAGE, followEntries } from './redis-follow.ts';
import { appendScript, controlScript, outputScript, registerScript } from './redis-scripts.ts';
import { onRedis } from './redis-trouble.ts';

/** What may be set about a journal in Redis. */
export type RedisJournalOptions = {
  /** How long a follower's XREAD waits before it asks again. */
  readonly blockMs?: number;
};

const BLOCK_MS = 5000;
const RUNS = 'drover:runs';
const eventsKey = (run: string, stream: string): string => `drover:{${run}/${stream}}:events`;
const outputKey = (run: string, stream: string): string => `drover:{${run}/${stream}}:output`;
const controlsKey = (run: string): string => `drover:{${run}}:controls`;

const appendReply = z.tuple([z.enum(['ok', 'conflict']), z.number(), z.number()]);

const field = ([, fields]: Entry, name: string): string | undefined => {
  const index = fields.findIndex((key, at) => at % 2 === 0 && key === name);
  return index < 0 ? undefined : fields[index + 1];
};

/** Epoch ms of an id that Redis made. */
const msOf = (id: string): number => Number(id.split('-')[0]);

const eventOf = (entry: Entry, run: string, stream: string, seq: number): NodeEvent => {
  const where = `run ${run}, ${stream}: event ${seq}`;
  const [text, at] = [field(entry, 'e'), Number(field(entry, 't'))];
  if (entry[0] !== `${seq}-0`) throw new RedisError(`${where} is missing, the next is ${entry[0]}: somebody has cut the journal in Redis`);
  if (text === undefined || !Number.isFinite(at))
    throw new RedisError(`${where} is no record of drover: somebody else wrote to the journal in Redis`);
  return { ...readEvent(text, where), seq, at };
};

/** Reads a whole stream, a page at a time. @param after the id that comes right behind another */
const readAll = async (redis: Redis, key: string, after: (id: string) => string): Promise<readonly Entry[]> => {
  const all: Entry[] = [];
  for (let start = '-'; ;) {
    const from = start;
    const page = await onRedis(redis, () => redis.xrange(key, from, '+', 'COUNT', PAGE));
    all.push(...page);
    const last = page.at(-1);
    if (page.length < PAGE || !last) return all;
    start = after(last[0]);
  }
};

const afterSeq = (id: string): string => `${msOf(id) + 1}-0`;
const afterTime = (id: string): string => `${msOf(id)}-${Number(id.split('-')[1]) + 1}`;

/** The journal in Redis, on a connection that stays the caller's. All times are those of the Redis server. */
export const redisJournal = (redis: Redis, { blockMs = BLOCK_MS }: RedisJournalOptions = {}): Journal => ({
  read: async (run, stream) => {
    const entries = await readAll(redis, eventsKey(run, stream), afterSeq);
    return entries.map((entry, index) => eventOf(entry, run, stream, index + 1));
  },
  append: async (run, stream, at, event) => {
    const { text, event: plain } = asWritten(event, `run ${run}, ${stream}: event ${at.afterSeq + 1}`);
    const reply = await appendScript(redis, [eventsKey(run, stream)], [at.afterSeq, at.fence, at.nonce, text]);
    const [kind, seq, number] = appendReply.parse(reply);
    if (kind === 'conflict') throw conflict(run, stream, at, { seq, fence: number });
    return { ...plain, seq, at: number };
  },
  async *follow(run, stream, after, signal) {
    let seq = after;
    for await (const entry of followEntries(redis, eventsKey(run, stream), after, signal, blockMs)) {
      seq += 1;
      yield eventOf(entry, run, stream, seq);
    }
  },
  control: async (run, record) => {
    const id = z.string().parse(await controlScript(redis, [controlsKey(run)], [randomUUID(), JSON.stringify(record)]));
    return { ...record, id, at: msOf(id) };
  },
  controls: async (run) => {
    const entries = await readAll(redis, controlsKey(run), afterTime);
    return entries.flatMap((entry): Control[] => {
      const record = readControl(field(entry, 'c') ?? '', `run ${run}: control record ${entry[0]}`);
      return record ? [{ ...record, id: entry[0], at: msOf(entry[0]) }] : [];
    });
  },
  output: async (run, stream, step, lines) => {
    if (lines.length > 0) await outputScript(redis, [outputKey(run, stream)], [OUTPUT_LINES, step, ...lines.slice(-OUTPUT_LINES)]);
  },
  readOutput: async (run, stream) => {
    const entries = await readAll(redis, outputKey(run, stream), afterTime);
    return entries.map((entry) => ({ at: msOf(entry[0]), step: field(entry, 's') ?? '', line: field(entry, 'l') ?? '' }));
  },
  register: async (run) => {
    await registerScript(redis, [RUNS], [run]);
  },
  runs: () => onRedis(redis, () => redis.zrevrange(RUNS, 0, -1)),
});
