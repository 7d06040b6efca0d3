import { DelayedError, type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { type DroverError, UsageError, errorData } from '../core/error.ts';
import { isRefusal, redisTrouble } from '../journal/redis-trouble.ts';
import { missedKey } from './queues.ts';

/** How long BullMQ lets a job be without a sign of life; with the check below, a killed worker's job is taken over after at most 9 s. */
export const LOCK_MS = 6000;
/** How often workers look for jobs whose lock has run out. */
export const STALLED_EVERY_MS = 3000;
/** An idle worker asks again this often. The call that wakes it may have gone to a worker that died or left at that moment. */
const IDLE_S = 1;
/** BullMQ's own pause is 15 s, and then Redis has been back for long. */
const RECONNECT_MS = 500;

/** How long a worker takes no turns, so that one can take them that has the means which it lacks. */
const ASIDE_MS = 3000;
/** A turn that failed for a reason that is not the node's is taken again after this time. */
export const AFTER_TROUBLE_MS = 3000;

/** What a worker works on, and whom it tells. */
export type WorkerOptions<T extends { readonly runId: string }> = {
  readonly queue: string;
  readonly prefix: string;
  readonly connection: Redis;
  /** Turns at once. */
  readonly concurrency: number;
  /** Resolves to the milliseconds after which it wants another turn, or null when there is nothing left to do. */
  turn(data: T, signal: AbortSignal): Promise<number | null>;
  /** Asks for another turn at once. */
  again(data: T): Promise<void>;
  /** Gets one line for each turn that threw. */
  warn(line: string): void;
  /**
   * Called when a turn could not even begin, because this worker has not the means for that run.
   *
   * Resolves to the milliseconds after which to look again, null when another worker can take it at once.
   */
  cannot(runId: string, why: string): Promise<number | null>;
  /** Called when no other try can help: Redis refuses what this worker asks for. */
  fatal(error: DroverError): void;
};

/**
 * Starts a BullMQ worker the way drover needs it.
 *
 * BullMQ goes on with a processor that has lost its lock; here losing it aborts the processor's signal. A stalled job is only a turn that
 * somebody else takes, so it may stall as often as workers die. A turn that throws is taken again, because a run must never lose its job.
 */
export const runWorker = <T extends { readonly runId: string }>(options: WorkerOptions<T>): Worker<T> => {
  const { queue, prefix, connection, concurrency, turn, again, warn, cannot, fatal } = options;
  let lastWarning = '';
  const refused = (error: unknown): boolean => {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    if (!isRefusal(cause)) return false;
    fatal(redisTrouble(connection, error));
    return true;
  };
  // whoever is idle would else be the first to take it again
  const standAside = (): void => {
    if (worker.isPaused()) return;
    void worker.pause(true);
    setTimeout(() => void worker.resume(), ASIDE_MS).unref();
  };
  const missed = async (job: Job<T>): Promise<void> => {
    if (job.id !== undefined && (await connection.getdel(missedKey(job.id))) !== null) await again(job.data);
  };
  const work = async (job: Job<T>, token: string | undefined, signal: AbortSignal | undefined): Promise<void> => {
    const againMs = await turn(job.data, signal ?? new AbortController().signal).catch(async (error: unknown) => {
      const { name, message } = errorData(error);
      const line = `${job.id ?? queue}: ${name}: ${message}`;
      // the same trouble every few seconds is said once
      if (!refused(error) && line !== lastWarning) warn(line);
      lastWarning = line;
      if (!(error instanceof UsageError)) return AFTER_TROUBLE_MS;
      // what it could not say now it says then
      const lookMs = await cannot(job.data.runId, error.message).catch(() => AFTER_TROUBLE_MS);
      if (lookMs === null) standAside();
      return lookMs ?? 0;
    });
    if (againMs === null) return;
    await job.moveToDelayed(Date.now() + againMs, token);
    // only now: who asks for a look from here on finds a job that waits
    await missed(job);
    throw new DelayedError();
  };
  const worker = new Worker<T>(queue, work, {
    connection,
    prefix,
    concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_EVERY_MS,
    maxStalledCount: 1_000_000,
    drainDelay: IDLE_S,
    runRetryDelay: RECONNECT_MS,
    skipVersionCheck: true,
  });
  worker.on('completed', (job) => {
    // a run looks again by itself after a moment
    missed(job).catch(() => undefined);
  });
  worker.on('lockRenewalFailed', (ids: string[]) => {
    for (const id of ids) worker.cancelJob(id, 'the lock was lost');
  });
  // without a listener a lost connection would be an uncaught exception; turns report it themselves
  worker.on('error', (error) => void refused(error));
  return worker;
};
