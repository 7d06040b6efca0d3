import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { wallClock } from '../../src/channels/wall-clock.ts';
import type { NewEvent } from '../../src/core/event.ts';
import { RUN_STREAM } from '../../src/core/node.ts';
import { redisJournal } from '../../src/journal/redis.ts';
import { leases } from '../../src/queue/lease.ts';
import { note } from '../../src/queue/note.ts';
import { runViews } from '../../src/queue/run-view.ts';
import type { Station } from '../../src/queue/station.ts';
import { type PrivateRedis, startRedis } from './private-redis.ts';
import { toySpec } from './toy-spec.ts';

let server: PrivateRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server[Symbol.asyncDispose]());

const spec = toySpec([]);
const { signal } = new AbortController();
const halted: NewEvent = { type: 'run.halted', why: 'blocked' };

const stationOf = (owner: string): Station => {
  const never = async (): Promise<never> => Promise.reject(new Error('not in this test'));
  const journal = redisJournal(server.redis);
  return {
    journal,
    views: runViews(journal),
    leases: leases(server.redis),
    wakes: { node: never, run: never },
    memory: { recall: never, remember: never },
    clock: wallClock,
    owner,
    runbook: never,
    channels: () => {
      throw new Error('not in this test');
    },
    leave: never,
    sha256: (text) => text,
    nonce: randomUUID,
  };
};
const begin = async (station: Station, run: string): Promise<void> => {
  await note(station, run, signal, 0, { type: 'run.started', spec, by: 'test' });
};

test('is written once where two workers decide on the same', async () => {
  const [mine, theirs] = [stationOf('mine'), stationOf('theirs')];
  await begin(mine, 'r1');
  const both = await Promise.all([note(mine, 'r1', signal, 1, halted), note(theirs, 'r1', signal, 1, halted)]);
  expect(both.filter((written) => written)).toHaveLength(1);
  expect((await mine.views.run('r1'))?.seq).toBe(2);
});

test('is written after Redis has lost what a worker had seen: it reads the run anew and decides again', async () => {
  const station = stationOf('mine');
  await begin(station, 'r2');
  const key = `drover:{r2/${RUN_STREAM}}:events`;
  const replica = await server.redis.dumpBuffer(key);
  await note(station, 'r2', signal, 1, halted);
  const seen = await station.views.all('r2');
  expect(seen?.run.halted).toBe('blocked');
  // as after the failover to a replica that lagged behind
  await server.redis.restore(key, 0, replica, 'REPLACE');
  expect(await note(station, 'r2', signal, seen?.run.seq ?? 0, { type: 'run.resumed', by: 'mine' })).toBe(false);
  const anew = await station.views.all('r2');
  expect(anew?.run).toMatchObject({ seq: 1 });
  expect(anew?.run.halted).toBeUndefined();
  expect(await note(station, 'r2', signal, anew?.run.seq ?? 0, halted)).toBe(true);
});
