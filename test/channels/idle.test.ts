import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { droppedWhenIdle } from '../../src/channels/idle.ts';
import type { CallOptions, Hello, NodeChannel } from '../../src/core/ports.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const options: CallOptions = { signal: new AbortController().signal, timeoutMs: 1000 };
const target = { name: 'n1', addresses: [], identity: null };
const hello: Hello = { identity: { hostKey: 'k', machineId: 'm', productUuid: null }, address: 'a', bootId: 'b' };

/** A channel whose calls end when the test says so, and that counts how often it was dropped. */
const slow = () => {
  const ends: (() => void)[] = [];
  const wait = async (): Promise<void> => new Promise((resolve) => void ends.push(resolve));
  const counts = { drops: 0 };
  const never = async (): Promise<never> => Promise.reject(new Error('not in this test'));
  const channel: NodeChannel = {
    hello: async () => wait().then(() => hello),
    read: async () => wait().then(() => []),
    write: never,
    attach: never,
    claim: never,
    halt: never,
    drop: () => void (counts.drops += 1),
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { channel: droppedWhenIdle(channel, 1000), counts, endNext: () => ends.shift()?.() };
};

test('a connection that nothing uses is let go of, once', async () => {
  const { channel, counts, endNext } = slow();
  const greeting = channel.hello(target, options);
  endNext();
  expect(await greeting).toBe(hello);
  await vi.advanceTimersByTimeAsync(999);
  expect(counts.drops).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(counts.drops).toBe(1);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(counts.drops).toBe(1);
});

test('a connection in use is kept, however long that takes, and for a while after the last of several', async () => {
  const { channel, counts, endNext } = slow();
  const first = channel.hello(target, options);
  const second = channel.read([], options);
  endNext();
  await first;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(counts.drops).toBe(0);
  endNext();
  await second;
  await vi.advanceTimersByTimeAsync(900);
  const third = channel.read([], options);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(counts.drops).toBe(0);
  endNext();
  await third;
  await vi.advanceTimersByTimeAsync(1000);
  expect(counts.drops).toBe(1);
});

test('a call that fails counts as used like any other', async () => {
  const { channel, counts } = slow();
  await expect(channel.halt({ fence: 1, run: 'r', step: 's', attempt: 1, bootId: 'b' }, options)).rejects.toThrow('not in this test');
  await vi.advanceTimersByTimeAsync(1000);
  expect(counts.drops).toBe(1);
});

test('what was let go of by hand is not let go of once more', async () => {
  const { channel, counts, endNext } = slow();
  const greeting = channel.hello(target, options);
  endNext();
  await greeting;
  channel.drop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(counts.drops).toBe(1);
});
