import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RedisError } from '../../src/core/error.ts';
import { nodeMemory } from '../../src/queue/node-memory.ts';
import { type PrivateRedis, startRedis } from './private-redis.ts';

let server: PrivateRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server[Symbol.asyncDispose]());

const name = (): string => `node-${randomUUID().slice(0, 8)}`;
const identity = { hostKey: 'SHA256:abc', machineId: '0123456789abcdef0123456789abcdef', productUuid: null };

test('knows nothing of a node that it never met', async () => {
  expect(await nodeMemory(server.redis).recall(name())).toEqual({ addresses: [], identity: null });
});

test('recalls where a node answered, latest first, each address once', async () => {
  const memory = nodeMemory(server.redis);
  const node = name();
  for (const address of ['10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.3']) await memory.remember(node, { address });
  expect((await memory.recall(node)).addresses).toEqual(['10.0.0.3', '10.0.0.1', '10.0.0.2']);
});

test('forgets the address that has not answered for longest when there are more than eight', async () => {
  const memory = nodeMemory(server.redis);
  const node = name();
  for (let last = 1; last <= 10; last += 1) await memory.remember(node, { address: `10.0.0.${last}` });
  expect((await memory.recall(node)).addresses).toEqual([10, 9, 8, 7, 6, 5, 4, 3].map((last) => `10.0.0.${last}`));
});

test('keeps the identity when an address is added, and the addresses when an identity is', async () => {
  const memory = nodeMemory(server.redis);
  const node = name();
  await memory.remember(node, { identity, address: '10.0.0.1' });
  await memory.remember(node, { address: '10.0.0.2' });
  await memory.remember(node, { identity: { ...identity, productUuid: 'u' } });
  expect(await memory.recall(node)).toEqual({ addresses: ['10.0.0.2', '10.0.0.1'], identity: { ...identity, productUuid: 'u' } });
});

test('forgets a node when it is told to', async () => {
  const memory = nodeMemory(server.redis);
  const node = name();
  await memory.remember(node, { identity, address: '10.0.0.1' });
  await memory.forget(node);
  expect(await memory.recall(node)).toEqual({ addresses: [], identity: null });
});

test.each(['{"hostKey":1}', '{'])('does not take a damaged identity %s for a first contact', async (damaged) => {
  const node = name();
  await server.redis.set(`drover:{${node}}:identity`, damaged);
  const recalled = nodeMemory(server.redis).recall(node);
  await expect(recalled).rejects.toThrow(RedisError);
  await expect(recalled).rejects.toThrow(`${node}: its pinned identity cannot be read`);
});
