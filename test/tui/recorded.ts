import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { NewEvent } from '../../src/core/event.ts';
import { redisJournal } from '../../src/journal/redis.ts';
import { connectRedis } from '../../src/queue/connection.ts';
import { ensureRedis } from '../../src/queue/redis-server.ts';

const line = z.looseObject({ run: z.string(), node: z.string(), seq: z.number(), at: z.number() });

/** The events of a real run of eight nodes (see record.ts), each with its stream. */
export const recordedEvents = (): readonly { readonly stream: string; readonly event: NewEvent }[] =>
  readFileSync(new URL('night.fixture.ndjson', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((text) => {
      const { run: _run, node, seq: _seq, at: _at, ...event } = line.parse(JSON.parse(text));
      const read: unknown = event;
      return { stream: node, event: z.custom<NewEvent>().parse(read) };
    });

/** Writes the first events of the recorded run into an operator's journal, as a run of that name; all of them unless said. */
export const putRun = async (stateDir: string, run: string, events = Infinity): Promise<void> => {
  const redis = connectRedis({ socket: await ensureRedis({ stateDir: join(stateDir, 'state') }), name: 'test' });
  try {
    const journal = redisJournal(redis);
    const seqs = new Map<string, number>();
    for (const { stream, event } of recordedEvents().slice(0, events)) {
      const afterSeq = seqs.get(stream) ?? 0;
      seqs.set(stream, afterSeq + 1);
      await journal.append(run, stream, { afterSeq, fence: 1, nonce: randomUUID() }, event);
    }
    await journal.register(run);
  } finally {
    redis.disconnect();
  }
};

/** Breaks a journal as nobody should: an entry of its feed that points nowhere. */
export const breakFeed = async (stateDir: string, run: string): Promise<void> => {
  const redis = connectRedis({ socket: await ensureRedis({ stateDir: join(stateDir, 'state') }), name: 'test' });
  await redis.xadd(`drover:{${run}}:feed`, '*', 'runner-01', '9999');
  redis.disconnect();
};
