import type { Process } from './process.ts';

/** As in src/queue/worker-options.ts: how long a job may be without a sign of life, and how often that is looked at. */
const LOCK_MS = 6000;
const STALLED_EVERY_MS = 3000;
/** How long an idle worker waits for a job before it looks by itself (BullMQ's drainDelay). */
const DRAIN_MS = 5000;
/** A turn that threw is taken again after this time. */
const AFTER_TROUBLE_MS = 3000;

type Job<T> = {
  readonly id: string;
  readonly data: T;
  state: 'waiting' | 'delayed' | 'active';
  runAt: number;
  token: string;
  lockUntil: number;
  suspect: boolean;
};

/** A queue as BullMQ keeps it in Redis, with what is done to it in one atomic script each. */
export type Queue<T> = {
  add(id: string, data: T): void;
  isDelayed(id: string): boolean | undefined;
  promote(id: string): void;
  /** Notes that somebody asked for a look while the job was at work. */
  miss(id: string): void;
  /** Whether somebody did; it is forgotten then. */
  takeMissed(id: string): boolean;
  /** Moves the next job to a worker; when none is there, when to look again. */
  take(token: string): { readonly id: string; readonly data: T } | { readonly againAt: number };
  extend(id: string, token: string): boolean;
  moveToDelayed(id: string, token: string, at: number): boolean;
  finish(id: string, token: string): boolean;
  /** Gives the jobs back whose worker gave no sign of life; at most once in three seconds, whoever asks. */
  checkStalled(): void;
  has(id: string): boolean;
  /** Tells one of those who wait that there may be something. */
  wait(wake: () => void): () => void;
};

/** An empty queue. */
export const newQueue = <T>(now: () => number): Queue<T> => {
  const jobs = new Map<string, Job<T>>();
  const missed = new Set<string>();
  const waiters: (() => void)[] = [];
  let checkedAt = Number.NEGATIVE_INFINITY;
  const marker = (): void => waiters.shift()?.();
  const locked = (id: string, token: string): Job<T> | undefined => {
    const job = jobs.get(id);
    return job?.state === 'active' && job.token === token && job.lockUntil > now() ? job : undefined;
  };
  const toWait = (job: Job<T>): void => {
    job.state = 'waiting';
    job.token = '';
    // to the end of the line
    jobs.delete(job.id);
    jobs.set(job.id, job);
    marker();
  };
  return {
    add: (id, data) => {
      if (jobs.has(id)) return;
      jobs.set(id, { id, data, state: 'waiting', runAt: 0, token: '', lockUntil: 0, suspect: false });
      marker();
    },
    isDelayed: (id) => {
      const job = jobs.get(id);
      return job && job.state === 'delayed';
    },
    promote: (id) => {
      const job = jobs.get(id);
      if (job?.state === 'delayed') toWait(job);
    },
    miss: (id) => void missed.add(id),
    takeMissed: (id) => missed.delete(id),
    take: (token) => {
      let againAt = Number.POSITIVE_INFINITY;
      for (const job of jobs.values()) {
        if (job.state === 'delayed' && job.runAt > now()) againAt = Math.min(againAt, job.runAt);
        else if (job.state !== 'active') {
          job.state = 'active';
          job.token = token;
          job.lockUntil = now() + LOCK_MS;
          job.suspect = false;
          return { id: job.id, data: job.data };
        }
      }
      return { againAt };
    },
    extend: (id, token) => {
      const job = locked(id, token);
      if (!job) return false;
      job.lockUntil = now() + LOCK_MS;
      job.suspect = false;
      return true;
    },
    moveToDelayed: (id, token, at) => {
      const job = locked(id, token);
      if (!job) return false;
      job.state = 'delayed';
      job.runAt = at;
      job.token = '';
      marker();
      return true;
    },
    finish: (id, token) => locked(id, token) !== undefined && jobs.delete(id),
    checkStalled: () => {
      if (now() - checkedAt < STALLED_EVERY_MS) return;
      checkedAt = now();
      for (const job of jobs.values()) {
        if (job.state !== 'active') continue;
        if (job.suspect && job.lockUntil <= now()) toWait(job);
        else job.suspect = true;
      }
    },
    has: (id) => jobs.has(id),
    wait: (wake) => {
      waiters.push(wake);
      return () => {
        const at = waiters.indexOf(wake);
        if (at >= 0) waiters.splice(at, 1);
      };
    },
  };
};

/** Calls to Redis that wait for it as long as it takes, as those of a BullMQ worker do. */
export type Patient = <T>(effect: () => T) => Promise<T>;

/**
 * A BullMQ worker, as src/queue/worker-options.ts sets it up: at least once, and a processor goes on after it lost its lock; its signal tells it.
 *
 * @param turn in how many milliseconds it wants another turn; null when there is nothing left to do
 * @param again asks for another turn at once
 */
export const startBull = <T>(
  queue: Queue<T>,
  process: Process,
  patient: Patient,
  options: { readonly concurrency: number; readonly stop: AbortSignal; warn(error: unknown): void },
  turn: (data: T, signal: AbortSignal) => Promise<number | null>,
  again: (data: T) => Promise<void>,
): { /** Resolves when every turn has ended, after the stop. */ readonly closed: Promise<void> } => {
  const { clock, name } = process;
  const { stop } = options;
  let tokens = 0;
  const active = new Set<Promise<void>>();
  const work = async (id: string, data: T, token: string): Promise<void> => {
    const lost = new AbortController();
    let over = false;
    const end = (): void => lost.abort('the worker was told to stop');
    stop.addEventListener('abort', end, { once: true });
    let renewal = process.nap(LOCK_MS / 2);
    const renew = async (): Promise<void> => {
      for (; !over; renewal = process.nap(LOCK_MS / 2)) {
        await renewal.over;
        if (!over && !(await patient(() => queue.extend(id, token)))) lost.abort('the lock was lost');
      }
    };
    void renew();
    const againMs = await turn(data, lost.signal).catch((error: unknown) => {
      options.warn(error);
      return AFTER_TROUBLE_MS;
    });
    over = true;
    stop.removeEventListener('abort', end);
    renewal.wake();
    const at = clock.now() + (againMs ?? 0);
    const missed = await patient(() => {
      const mine = againMs === null ? queue.finish(id, token) : queue.moveToDelayed(id, token, at);
      return mine && queue.takeMissed(id);
    });
    if (missed) await again(data).catch(options.warn);
  };
  let nap: ReturnType<Process['nap']> | undefined;
  stop.addEventListener('abort', () => nap?.wake(), { once: true });
  const idle = async (againAt: number): Promise<void> => {
    nap = process.nap(Math.min(DRAIN_MS, Math.max(1, againAt - clock.now())));
    const forget = queue.wait(nap.wake);
    await nap.over;
    forget();
  };
  const fetch = async (): Promise<void> => {
    while (!stop.aborted) {
      if (active.size >= options.concurrency) {
        await Promise.race(active);
        continue;
      }
      const token = `${name}/${(tokens += 1)}`;
      const taken = await patient(() => (stop.aborted ? { againAt: 0 } : queue.take(token)));
      if ('data' in taken) {
        const working: Promise<void> = work(taken.id, taken.data, token).finally(() => active.delete(working));
        active.add(working);
      } else if (!stop.aborted) await idle(taken.againAt);
    }
    await Promise.all(active);
  };
  return { closed: fetch() };
};

/** Looks for stalled jobs as long as the process lives, as each BullMQ worker does. */
export const startStalledChecks = async (
  queues: readonly Pick<Queue<never>, 'checkStalled'>[],
  process: Process,
  patient: Patient,
  stop: AbortSignal,
): Promise<void> => {
  while (!stop.aborted) {
    await process.nap(STALLED_EVERY_MS).over;
    await patient(() => {
      for (const queue of queues) queue.checkStalled();
    });
  }
};
