import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Leases, leases } from '../../src/queue/lease.ts';
import { ensureRedis } from '../../src/queue/redis-server.ts';
import { memoryLeases } from '../../src/queue/memory-leases.ts';
import { fenceOf, leaseContract, name } from './lease.contract.ts';
import { type PrivateRedis, startRedis } from './private-redis.ts';

leaseContract('Redis', async () => {
  const redis = await startRedis();
  return {
    here: leases(redis.redis),
    there: leases(redis.connect('there')),
    [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose](),
  };
});

leaseContract('memory', async () => {
  const kept = memoryLeases(() => Date.now());
  return Promise.resolve({ here: kept, there: kept, [Symbol.asyncDispose]: () => Promise.resolve() });
});

let server: PrivateRedis;
let here: Leases;
let there: Leases;
beforeAll(async () => {
  server = await startRedis();
  here = leases(server.redis);
  there = leases(server.connect('there'));
});
afterAll(() => server[Symbol.asyncDispose]());

test('knows leases, fences, reservations and holds after Redis was killed', async () => {
  const [node, kept] = [name(), name()];
  const fence = await fenceOf(here.take(node, 'a', 60_000, 10));
  await here.reserve(node, 'r1', 'ann');
  await here.hold(kept, 'ann', 'disk');
  await server.kill();
  await ensureRedis({ stateDir: server.stateDir });
  expect((await there.take(node, 'b', 5000)).kind).toBe('held');
  expect(await here.renew(node, 'a', fence, 5000)).toBe(true);
  expect(await here.reservation(node)).toMatchObject({ run: 'r1' });
  expect(await here.held(kept)).toMatchObject({ by: 'ann' });
  await here.release(node, 'a', fence);
  expect(await fenceOf(there.take(node, 'b', 5000))).toBe(fence + 1);
});
