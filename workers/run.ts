import type { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { PREFIX, RUN_QUEUE } from '../src/queue/queues.ts';
import { turnOfRun } from '../src/queue/run-queue.ts';
import type { Station } from '../src/queue/station.ts';
import type { RunJob } from '../src/queue/wakes.ts';
import { type WorkerOptions, runWorker } from '../src/queue/worker-options.ts';

/** Starts the worker that looks after whole runs: which node is next, what comes after the nodes, how the run ended. */
export const startRunWorker = (
  station: Station,
  connection: Redis,
  options: Pick<WorkerOptions<RunJob>, 'concurrency' | 'warn' | 'cannot' | 'fatal'> & { readonly stop: AbortSignal },
): Worker<RunJob> =>
  runWorker({
    ...options,
    queue: RUN_QUEUE,
    prefix: PREFIX,
    connection,
    again: ({ runId }) => station.wakes.run(runId),
    turn: ({ runId }, signal) => turnOfRun(station, runId, AbortSignal.any([options.stop, signal])),
  });
