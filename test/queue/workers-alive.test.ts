import { afterAll, beforeAll, expect, test } from 'vitest';
import { beat, goodbye, workersAlive } from '../../src/queue/workers-alive.ts';
import { type PrivateRedis, startRedis, until } from './private-redis.ts';

let server: PrivateRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server[Symbol.asyncDispose]());

const worker = (id: string, startedAt: number) => ({ id, host: 'here', pid: 7, concurrency: 4, startedAt, holds: [], lacks: [] });

test('lists the workers that beat, the oldest first, and each once', async () => {
  await beat(server.redis, worker('b', 2));
  await beat(server.redis, worker('a', 1));
  await beat(server.redis, { ...worker('b', 2), concurrency: 8 });
  expect(await workersAlive(server.redis)).toEqual([worker('a', 1), { ...worker('b', 2), concurrency: 8 }]);
});

test('forgets at once who said goodbye', async () => {
  await beat(server.redis, worker('c', 3));
  await goodbye(server.redis, 'c');
  expect((await workersAlive(server.redis)).map(({ id }) => id)).not.toContain('c');
});

test('does not list a worker that has stopped to beat, but one that goes on', async () => {
  await beat(server.redis, worker('dead', 4));
  await until(async () => {
    await beat(server.redis, worker('live', 5));
    const ids = (await workersAlive(server.redis, 60)).map(({ id }) => id);
    // on a busy machine even a living one may have been silent for that long
    return ids.includes('live') && !ids.includes('dead');
  });
});

test('tells what each holds and lacks; one of an older drover, that does not say so, is alive all the same', async () => {
  const told = { ...worker('a', 1), holds: [{ name: 'runner-1', since: 7 }], lacks: [{ run: 'r1', why: 'there is no runbook' }] };
  await beat(server.redis, told);
  await server.redis.hset('drover:{workers}:info', 'b', JSON.stringify({ id: 'b', host: 'h', pid: 1, concurrency: 1, startedAt: 2 }));
  const [first, second] = await workersAlive(server.redis);
  expect(first).toEqual(told);
  expect(second).toMatchObject({ id: 'b', holds: [], lacks: [] });
});
