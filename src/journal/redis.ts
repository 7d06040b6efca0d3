import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Control } from '../core/event.ts';
import type { Journal } from '../core/ports.ts';
import { conflict } from './conflict.ts';
import { OUTPUT_LINES } from './limits.ts';
import { asWritten, readControl } from './records.ts';
import { changedStreams, feedKey, followFeed } from './redis-feed.ts';
import { appendScript, controlScript, outputScript, registerScript } from './redis-scripts.ts';
import { behindId, eventsKey, field, msOf, readEvents, readFrom } from './redis-stream.ts';
import { onRedis } from './redis-trouble.ts';

/** What may be set about a journal in Redis. */
export type RedisJournalOptions = {
  /** How long a follower's XREAD waits before it asks again. */
  readonly blockMs?: number;
};

const BLOCK_MS = 5000;
const RUNS = 'drover:runs';
const outputKey = (run: string, stream: string): string => `drover:{${run}/${stream}}:output`;
const controlsKey = (run: string): string => `drover:{${run}}:controls`;

const appendReply = z.tuple([z.enum(['ok', 'conflict']), z.number(), z.number()]);

/** The journal in Redis, on a connection that stays the caller's. All times are those of the Redis server. */
export const redisJournal = (redis: Redis, { blockMs = BLOCK_MS }: RedisJournalOptions = {}): Journal => ({
  read: (run, stream, afterSeq = 0) => readEvents(redis, run, stream, afterSeq),
  append: async (run, stream, at, event) => {
    const { text, event: plain } = asWritten(event, `run ${run}, ${stream}: event ${at.afterSeq + 1}`);
    const keys = [eventsKey(run, stream), feedKey(run)];
    const reply = await appendScript(redis, keys, [at.afterSeq, at.fence, at.nonce, text, stream]);
    const [kind, seq, number] = appendReply.parse(reply);
    if (kind === 'conflict') throw conflict(run, stream, at, { seq, fence: number });
    return { ...plain, seq, at: number };
  },
  changed: (run, after) => changedStreams(redis, run, after),
  followRun: (run, after, signal) => followFeed(redis, run, after, signal, blockMs),
  control: async (run, record) => {
    const id = z.string().parse(await controlScript(redis, [controlsKey(run)], [randomUUID(), JSON.stringify(record)]));
    return { ...record, id, at: msOf(id) };
  },
  controls: async (run, after) => {
    const entries = await readFrom(redis, controlsKey(run), after === undefined ? '-' : behindId(after));
    return entries.flatMap((entry): Control[] => {
      const record = readControl(field(entry, 'c') ?? '', `run ${run}: control record ${entry[0]}`);
      return record ? [{ ...record, id: entry[0], at: msOf(entry[0]) }] : [];
    });
  },
  output: async (run, stream, step, lines) => {
    if (lines.length > 0) await outputScript(redis, [outputKey(run, stream)], [OUTPUT_LINES, step, ...lines.slice(-OUTPUT_LINES)]);
  },
  readOutput: async (run, stream) => {
    const entries = await readFrom(redis, outputKey(run, stream), '-');
    return entries.map((entry) => ({ at: msOf(entry[0]), step: field(entry, 's') ?? '', line: field(entry, 'l') ?? '' }));
  },
  register: async (run) => {
    await registerScript(redis, [RUNS], [run]);
  },
  runs: () => onRedis(redis, () => redis.zrevrange(RUNS, 0, -1)),
});
