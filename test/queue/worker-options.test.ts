import type { Worker } from 'bullmq';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UsageError } from '../../src/core/error.ts';
import { connectRedis } from '../../src/queue/connection.ts';
import { PREFIX, RUN_QUEUE, bullWakes, openQueues } from '../../src/queue/queues.ts';
import type { RunJob, Wakes } from '../../src/queue/wakes.ts';
import { LOCK_MS, runWorker } from '../../src/queue/worker-options.ts';
import { eventually } from '../eventually.ts';
import { type PrivateRedis, startRedis } from './private-redis.ts';

let server: PrivateRedis;
let wakes: Wakes;
let closing: (() => Promise<void>)[];
beforeEach(async () => {
  server = await startRedis();
  closing = [];
  const queues = openQueues(server.redis);
  closing.push(() => queues.close());
  wakes = bullWakes(queues);
});
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  await server[Symbol.asyncDispose]();
});

/** A worker that takes turns of runs. */
const working = (
  turn: (runId: string, signal: AbortSignal) => Promise<number | null>,
  cannot: () => number | null = () => null,
): Worker<RunJob> => {
  const connection = connectRedis({ socket: server.socket, name: 'worker', forWorker: true });
  const worker = runWorker<RunJob>({
    queue: RUN_QUEUE,
    prefix: PREFIX,
    connection,
    concurrency: 2,
    turn: ({ runId }, signal) => turn(runId, signal),
    again: ({ runId }) => wakes.run(runId),
    warn: () => undefined,
    cannot: async () => Promise.resolve(cannot()),
    fatal: () => undefined,
  });
  closing.push(async () => {
    await worker.close();
    connection.disconnect();
  });
  return worker;
};

const aborted = async (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

test('a turn whose job was given to somebody else is told so', async () => {
  const reasons: unknown[] = [];
  working(async (_, signal) => {
    await aborted(signal);
    reasons.push(signal.reason);
    return null;
  });
  await wakes.run('r1');
  const lock = `${PREFIX}:${RUN_QUEUE}:run/r1:lock`;
  await eventually('the job is at work', async () => (await server.redis.get(lock)) !== null);
  const since = performance.now();
  await server.redis.set(lock, 'somebody else', 'PX', 60_000);
  await eventually('the turn hears of it', () => reasons.length > 0);
  expect(reasons).toEqual(['the lock was lost']);
  expect(performance.now() - since).toBeLessThan(LOCK_MS);
});

test('who asks for a look while one is under way gets another one, though the first one has nothing left to do', async () => {
  const turns: number[] = [];
  let go: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  working(async () => {
    turns.push(performance.now());
    if (turns.length === 1) await held;
    // the second time it would look again only in a minute
    return turns.length === 2 ? 60_000 : null;
  });
  await wakes.run('r1');
  await eventually('the first turn begins', () => turns.length === 1);
  await wakes.run('r1');
  go();
  await eventually('the second turn begins', () => turns.length === 2);
});

test('a turn that another worker can take is left to it', async () => {
  let tried = 0;
  const took: string[] = [];
  working(async () => {
    tried += 1;
    return Promise.reject(new UsageError('there is no such runbook here'));
  });
  await wakes.run('r1');
  await eventually('it is tried', () => tried > 0);
  working(async (runId) => {
    took.push(runId);
    return Promise.resolve(null);
  });
  await eventually('the other has it', () => took.length > 0);
  expect(tried).toBeLessThan(10);
});
