import { DelayedError, type Job, Worker } from 'bullmq';
import { errorData } from '../core/error.ts';
import type { Redis } from 'ioredis';

/** How long BullMQ lets a job be without a sign of life; with the check below, a killed worker's job is taken over after at most 9 s. */
const LOCK_MS = 6000;
const STALLED_EVERY_MS = 3000;

/** A turn that failed for a reason that is not the node's is taken again after this time. */
const AFTER_TROUBLE_MS = 3000;

/**
 * Starts a BullMQ worker the way drover needs it.
 *
 * BullMQ goes on with a processor that has lost its lock; here losing it aborts the processor's signal. A stalled job is only a turn that
 * somebody else takes, so it may stall as often as workers die. A turn that throws is taken again, because a run must never lose its job.
 *
 * @param turn resolves to the milliseconds after which it wants another turn, or null when there is nothing left to do
 * @param warn gets one line for each turn that threw
 */
export const runWorker = <T>(
  queue: string,
  connection: Redis,
  prefix: string,
  concurrency: number,
  turn: (data: T, signal: AbortSignal) => Promise<number | null>,
  warn: (line: string) => void,
): Worker<T> => {
  let lastWarning = '';
  const work = async (job: Job<T>, token: string | undefined, signal: AbortSignal | undefined): Promise<void> => {
    const againMs = await turn(job.data, signal ?? new AbortController().signal).catch((error: unknown) => {
      const { name, message } = errorData(error);
      const line = `${job.id ?? queue}: ${name}: ${message}`;
      // the same trouble every three seconds is said once
      if (line !== lastWarning) warn(line);
      lastWarning = line;
      return AFTER_TROUBLE_MS;
    });
    if (againMs === null) return;
    await job.moveToDelayed(Date.now() + againMs, token);
    throw new DelayedError();
  };
  const worker = new Worker<T>(queue, work, {
    connection,
    prefix,
    concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_EVERY_MS,
    maxStalledCount: 1_000_000,
    skipVersionCheck: true,
  });
  worker.on('lockRenewalFailed', (ids: string[]) => {
    for (const id of ids) worker.cancelJob(id, 'the lock was lost');
  });
  worker.on('error', () => undefined);
  return worker;
};
