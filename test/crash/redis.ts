import { RedisError } from '../../src/core/error.ts';
import type { Journal, NodeMemory } from '../../src/core/ports.ts';
import { memoryJournal } from '../../src/journal/memory.ts';
import type { Leases } from '../../src/queue/lease.ts';
import type { NodeJob, RunJob, Wakes } from '../../src/queue/wakes.ts';
import { type Patient, type Queue, newQueue } from './bull.ts';
import { memoryOfNodes } from '../../src/queue/memory-nodes.ts';
import { type Taking, memoryLeases } from '../../src/queue/memory-leases.ts';
import type { Notebook } from './notebook.ts';
import type { Process } from './process.ts';
import type { VirtualTime } from '../../src/sim/virtual-time.ts';

/** How long a command waits for a Redis that is gone (src/queue/connection.ts). */
const PATIENCE_MS = 10_000;

/** One Redis with all that drover keeps in it. */
export type Redis = {
  readonly journal: Journal;
  readonly leases: Leases;
  readonly memory: NodeMemory;
  readonly nodes: Queue<NodeJob>;
  readonly runs: Queue<RunJob>;
  isUp(): boolean;
  stop(): void;
  start(): void;
  /** Resolves when it is up. */
  up(): Promise<void>;
};

/** Starts it. */
export const startRedis = (time: VirtualTime, taken: (taking: Taking) => void): Redis => {
  let isUp = true;
  const now = (): number => Math.floor(time.now());
  let waiting: (() => void)[] = [];
  return {
    journal: memoryJournal(now),
    leases: memoryLeases(now, taken),
    memory: memoryOfNodes(),
    nodes: newQueue(time.now),
    runs: newQueue(time.now),
    isUp: () => isUp,
    stop: () => {
      isUp = false;
    },
    start: () => {
      isUp = true;
      const all = waiting;
      waiting = [];
      for (const resolve of all) resolve();
    },
    up: () => (isUp ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
};

/** What a process has of Redis: its own connection. */
export type RedisPorts = {
  readonly journal: Journal;
  readonly leases: Leases;
  readonly memory: NodeMemory;
  readonly wakes: Wakes;
  readonly patient: Patient;
};

/** Connects a process. A command whose reply was lost is sent again, as ioredis does, and must not take effect twice. */
export const connect = (redis: Redis, process: Process, book: Notebook): RedisPorts => {
  const { clock } = process;
  /** Asks until Redis has answered, or its patience is over: a command whose reply was lost with the connection is sent again. */
  const asked = <T>(
    effect: () => T | Promise<T>,
    patienceMs: number,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
  ): void => {
    const until = clock.now() + patienceMs;
    const later = (): void => {
      if (clock.now() >= until) return reject(new RedisError('Redis cannot be reached', { transient: true }));
      const nap = process.nap(Math.min(until - clock.now(), 2 ** 30));
      void redis.up().then(nap.wake);
      void nap.over.then(() => (redis.isUp() ? attempt() : later()));
    };
    const heard = (value: T): void => process.hear('redis', () => (redis.isUp() ? resolve(value) : later()));
    const attempt = (): void =>
      process.send('redis', () => {
        if (!redis.isUp()) return later();
        let answer: T | Promise<T>;
        try {
          answer = effect();
        } catch (error) {
          return process.hear('redis', () => reject(error));
        }
        if (answer instanceof Promise) answer.then(heard, (error: unknown) => process.hear('redis', () => reject(error)));
        else heard(answer);
      });
    attempt();
  };
  const command = <T>(effect: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => asked(effect, PATIENCE_MS, resolve, reject));
  const patient = <T>(effect: () => T): Promise<T> =>
    new Promise((resolve, reject) => asked(effect, Number.POSITIVE_INFINITY, resolve, reject));
  const once = <T>(effect: () => Promise<T>): Promise<T> => {
    let done: Promise<T> | undefined;
    return command(() => (done ??= effect()));
  };
  const { journal, leases, memory } = redis;
  const wake = async <T>(queue: Queue<T>, id: string, data: T): Promise<void> => {
    const delayed = await command(async () => queue.isDelayed(id));
    if (delayed === undefined) return command(async () => queue.add(id, data));
    if (delayed) return command(async () => queue.promote(id));
    // as src/queue/queues.ts does: whoever has it looks again, unless their turn ended before this was noted
    return command(async () => {
      queue.miss(id);
      queue.promote(id);
    });
  };
  return {
    journal: {
      ...journal,
      read: (...words) => command(() => journal.read(...words)),
      changed: (...words) => command(() => journal.changed(...words)),
      append: (run, stream, at, event) =>
        command(async () => {
          const written = await journal.append(run, stream, at, event);
          book.wrote({ run, stream, event: written, by: process.name, fence: at.fence });
          return written;
        }),
      control: (run, record) => once(() => journal.control(run, record)),
      controls: (...words) => command(() => journal.controls(...words)),
      output: (run, stream, step, lines) => once(() => journal.output(run, stream, step, lines)),
      register: (run) => command(() => journal.register(run)),
      runs: () => command(() => journal.runs()),
    },
    leases: {
      ...leases,
      // a nonce makes the second of two equal calls the first
      take: (...words) => once(() => leases.take(...words)),
      claimed: (...words) => command(() => leases.claimed(...words)),
      renew: (...words) => command(() => leases.renew(...words)),
      release: (...words) => command(() => leases.release(...words)),
      reserve: (...words) => command(() => leases.reserve(...words)),
      giveBack: (...words) => command(() => leases.giveBack(...words)),
      reservation: (node) => command(() => leases.reservation(node)),
    },
    memory: {
      recall: (node) => command(() => memory.recall(node)),
      remember: (node, what) => command(() => memory.remember(node, what)),
    },
    wakes: {
      node: (runId, node) => wake(redis.nodes, `${runId}/${node}`, { runId, node }),
      run: (runId) => wake(redis.runs, `run/${runId}`, { runId }),
    },
    patient,
  };
};
