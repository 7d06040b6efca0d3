import type { Redis } from 'ioredis';
import { JournalConflictError, RedisError } from '../core/error.ts';
import type { AppendAt, Journal } from '../core/ports.ts';
import type { NewEvent, NodeEvent } from '../core/event.ts';
import { controlOf, eventOf, lineOf } from './records.ts';

const OUTPUT_LINES = 5000;
const BLOCK_MS = 5000;
const AGAIN_MS = 250;
const PAGE = 1000;

/**
 * Appends when the writer's fence is not lower than the last one and the sequence fits.
 *
 * A tail that carries the writer's own nonce is its own success, whose answer was lost. KEYS: meta, events. ARGV: fence, afterSeq, nonce, event, at.
 */
const APPEND = `
local fence = tonumber(redis.call('HGET', KEYS[1], 'fence') or '0')
local seq = tonumber(redis.call('HGET', KEYS[1], 'seq') or '0')
if redis.call('HGET', KEYS[1], 'nonce') == ARGV[3] and seq == tonumber(ARGV[2]) + 1 then
  return {'again', seq, redis.call('XRANGE', KEYS[2], seq .. '-0', seq .. '-0')[1][2][2]}
end
if tonumber(ARGV[1]) < fence then return {'fenced', fence} end
if seq ~= tonumber(ARGV[2]) then return {'moved', seq} end
seq = seq + 1
redis.call('XADD', KEYS[2], seq .. '-0', 'e', ARGV[4], 't', ARGV[5])
redis.call('HSET', KEYS[1], 'fence', ARGV[1], 'seq', seq, 'nonce', ARGV[3])
return {'ok', seq}
`;

type Entry = [id: string, fields: string[]];

const eventsKey = (run: string, stream: string): string => `drover:{${run}/${stream}}:events`;
const metaKey = (run: string, stream: string): string => `drover:{${run}/${stream}}:meta`;
const outputKey = (run: string, stream: string): string => `drover:{${run}/${stream}}:output`;
const controlKey = (run: string): string => `drover:{${run}}:control`;
const RUNS_KEY = 'drover:runs';

const fieldOf = (fields: readonly string[], name: string): string => fields[fields.indexOf(name) + 1] ?? '';
const seqOf = (id: string): number => Number(id.split('-')[0]);
const msOf = (id: string): number => Number(id.split('-')[0]);

const trouble = (doing: string, error: unknown): RedisError =>
  error instanceof RedisError
    ? error
    : new RedisError(`Redis did not answer while ${doing}: ${error instanceof Error ? error.message : String(error)}`, { transient: true, cause: error });

/**
 * The journal in Redis: one stream a node and run, with a hash beside it for fence, sequence and nonce.
 *
 * @param redis stays the caller's; every `follow` opens a connection of its own, because a blocked one answers nobody else
 */
export const redisJournal = (redis: Redis): Journal => {
  const guard = async <T>(doing: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof JournalConflictError) throw error;
      throw trouble(doing, error);
    }
  };
  const parsed = (run: string, stream: string, [id, fields]: Entry): NodeEvent => eventOf(fieldOf(fields, 'e'), seqOf(id), Number(fieldOf(fields, 't')), `${run}/${stream}`);

  const append = async (run: string, stream: string, at: AppendAt, event: NewEvent): Promise<NodeEvent> =>
    guard(`writing ${event.type} of ${run}/${stream}`, async () => {
      const now = Date.now();
      const text = JSON.stringify(event);
      const answer: unknown = await redis.eval(APPEND, 2, metaKey(run, stream), eventsKey(run, stream), at.fence, at.afterSeq, at.nonce, text, now);
      const [word, number] = Array.isArray(answer) ? answer : [];
      if (word === 'ok' || word === 'again') return { ...event, seq: at.afterSeq + 1, at: now };
      throw new JournalConflictError(
        word === 'fenced'
          ? `${run}/${stream}: fence ${at.fence} is older than ${String(number)}: another worker has it now`
          : `${run}/${stream}: the journal is at record ${String(number)}, not at ${at.afterSeq}: another worker wrote it`,
      );
    });

  const read = async (run: string, stream: string): Promise<readonly NodeEvent[]> =>
    guard(`reading ${run}/${stream}`, async () => {
      const entries: Entry[] = await redis.xrange(eventsKey(run, stream), '-', '+');
      return entries.map((entry) => parsed(run, stream, entry));
    });

  const follow = async function* (run: string, stream: string, afterSeq: number, signal: AbortSignal): AsyncGenerator<NodeEvent> {
    if (signal.aborted) return;
    const own = redis.duplicate({ maxRetriesPerRequest: null });
    own.on('error', () => undefined);
    const stop = (): void => own.disconnect();
    signal.addEventListener('abort', stop, { once: true });
    let at = afterSeq;
    try {
      while (!signal.aborted) {
        const answer = await own.xread('COUNT', PAGE, 'BLOCK', BLOCK_MS, 'STREAMS', eventsKey(run, stream), `${at}-0`).catch(async (error: unknown) => {
          if (signal.aborted) return null;
          // the server is away: what it wrote is still there when it is back
          await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
          if (own.status === 'end') throw trouble(`following ${run}/${stream}`, error);
          return null;
        });
        for (const [, entries] of answer ?? []) {
          for (const entry of entries) {
            const event = parsed(run, stream, entry);
            at = event.seq;
            yield event;
            if (signal.aborted) return;
          }
        }
      }
    } finally {
      signal.removeEventListener('abort', stop);
      own.disconnect();
    }
  };

  return {
    read,
    append,
    follow,
    control: async (run, record) =>
      guard(`saying ${record.type} to ${run}`, async () => {
        const id = await redis.xadd(controlKey(run), '*', 'c', JSON.stringify(record));
        if (id === null) throw new RedisError(`Redis did not take ${record.type} for ${run}`);
        return { ...record, id, at: msOf(id) };
      }),
    controls: async (run) =>
      guard(`reading what was said to ${run}`, async () => {
        const entries: Entry[] = await redis.xrange(controlKey(run), '-', '+');
        return entries.map(([id, fields]) => controlOf(fieldOf(fields, 'c'), id, msOf(id), run));
      }),
    output: async (run, stream, step, lines) =>
      guard(`keeping output of ${run}/${stream}`, async () => {
        const pipeline = redis.pipeline();
        for (const line of lines) pipeline.xadd(outputKey(run, stream), 'MAXLEN', '~', OUTPUT_LINES, '*', 's', step, 'l', line);
        await pipeline.exec();
      }),
    readOutput: async (run, stream) =>
      guard(`reading output of ${run}/${stream}`, async () => {
        const entries: Entry[] = await redis.xrange(outputKey(run, stream), '-', '+');
        return entries.map(([id, fields]) => lineOf(fieldOf(fields, 's'), fieldOf(fields, 'l'), msOf(id)));
      }),
    register: async (run) =>
      guard(`registering ${run}`, async () => {
        await redis.zadd(RUNS_KEY, 'NX', Date.now(), run);
      }),
    runs: async () => guard('listing runs', async () => redis.zrevrange(RUNS_KEY, 0, -1)),
  };
};
