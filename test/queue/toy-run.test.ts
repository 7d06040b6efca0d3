import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RUN_STREAM } from '../../src/core/node.ts';
import { fold } from '../../src/core/reduce.ts';
import type { Runbook } from '../../src/core/runbook.ts';
import { redisJournal } from '../../src/journal/redis.ts';
import { connectRedis } from '../../src/queue/connection.ts';
import { leases } from '../../src/queue/lease.ts';
import { nodeMemory } from '../../src/queue/node-memory.ts';
import { type Queues, bullWakes, openQueues } from '../../src/queue/queues.ts';
import { runViews } from '../../src/queue/run-view.ts';
import { ensureRedis, stopRedis } from '../../src/queue/redis-server.ts';
import type { Station } from '../../src/queue/station.ts';
import { startNodeWorker } from '../../workers/node.ts';
import { startRunWorker } from '../../workers/run.ts';
import { type Toy, newToy, toyChannel, toyPlan } from '../engine/toy.ts';
import { toySpec } from './toy-spec.ts';

let dir: string;
let socket: string;
let redis: Redis;
let queues: Queues;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'drover-queue-'));
  socket = await ensureRedis({ stateDir: dir });
  redis = connectRedis({ socket, name: 'test' });
  queues = openQueues(redis);
});
afterAll(async () => {
  await queues.close();
  redis.disconnect();
  await stopRedis({ stateDir: dir });
  rmSync(dir, { recursive: true });
});

/** The toy boots in a moment of real time here. */
const clock = {
  now: () => Date.now(),
  sleep: async (ms: number, signal: AbortSignal) => wait(ms, undefined, { signal }).catch(() => undefined),
};
const fast = { ...clock, now: () => Date.now() * 40 };

const toyRunbook: Runbook = {
  name: 'toy',
  summary: 'a toy',
  version: 1,
  params: { parse: () => ({}) },
  vars: { parse: () => ({}) },
  rollout: { canary: 1, maxUnavailable: 1, maxFailures: 0 },
  onFailure: 'pause',
  steps: () => toyPlan(),
};

const stationOf = (owner: string, toys: Readonly<Record<string, Toy>>): Station => {
  const refuse = async (): Promise<never> => Promise.reject(new Error('no cluster here'));
  const journal = redisJournal(redis);
  return {
    journal,
    views: runViews(journal),
    wakes: bullWakes(queues),
    leases: leases(redis),
    memory: nodeMemory(redis),
    clock,
    owner,
    runbook: async () => Promise.resolve(toyRunbook),
    channels: () => ({ node: (name) => toyChannel(toys[name] ?? newToy(), fast), cluster: { call: refuse }, control: { run: refuse } }),
    leave: async () => Promise.resolve(),
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    nonce: randomUUID,
  };
};

const begin = async (runId: string, names: readonly string[]): Promise<void> => {
  const spec = { ...toySpec(names), rollout: toyRunbook.rollout };
  await redisJournal(redis).append(
    runId,
    RUN_STREAM,
    { afterSeq: 0, fence: 0, nonce: randomUUID() },
    { type: 'run.started', spec, by: 'test' },
  );
  await bullWakes(queues).run(runId);
};

const ended = async (runId: string, withinMs: number): Promise<string | undefined> => {
  const until = Date.now() + withinMs;
  while (Date.now() < until) {
    const { runOutcome } = fold(await redisJournal(redis).read(runId, RUN_STREAM));
    if (runOutcome !== undefined) return runOutcome;
    await wait(50);
  }
  return undefined;
};

it('asks all nodes first, then takes them one after another, the canary first, each booted once', async () => {
  const toys = { n1: newToy('m1'), n2: newToy('m2'), n3: newToy('m3') };
  const stop = new AbortController();
  const connection = connectRedis({ socket, name: 'w', forWorker: true });
  const warned: string[] = [];
  const options = {
    stop: stop.signal,
    concurrency: 5,
    warn: (line: string) => warned.push(line),
    cannot: async () => Promise.resolve(null),
    fatal: () => undefined,
  };
  const workers = [startNodeWorker(stationOf('w1', toys), connection, options), startRunWorker(stationOf('w1', toys), connection, options)];
  try {
    await begin('toyrun', ['n1', 'n2', 'n3']);
    expect(await ended('toyrun', 15_000)).toBe('succeeded');
    expect(Object.values(toys).map(({ boots }) => boots)).toEqual([2, 2, 2]);
    const journal = redisJournal(redis);
    const [first, second] = [await journal.read('toyrun', 'n1'), await journal.read('toyrun', 'n2')];
    expect(second[1]?.type).toBe('node.preflighted');
    expect(second[1]?.at).toBeLessThanOrEqual(first.find(({ type }) => type === 'plan.started')?.at ?? 0);
    expect(first.at(-1)?.at).toBeLessThanOrEqual(second.find(({ type }) => type === 'plan.started')?.at ?? 0);
    const waves = (await journal.read('toyrun', RUN_STREAM)).filter((event) => event.type === 'run.wave');
    expect(waves).toMatchObject([
      { wave: 'canary', nodes: { n1: 0 } },
      { wave: 'rollout', nodes: { n2: 0 } },
      { wave: 'rollout', nodes: { n3: 0 } },
    ]);
    expect(warned).toEqual([]);
  } finally {
    stop.abort();
    await Promise.all(workers.map((worker) => worker.close()));
    connection.disconnect();
  }
}, 30_000);
