import type { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { turnOfNode } from '../src/queue/node-queue.ts';
import { NODE_QUEUE, PREFIX } from '../src/queue/queues.ts';
import type { Station } from '../src/queue/station.ts';
import type { NodeJob } from '../src/queue/wakes.ts';
import { runWorker } from '../src/queue/worker-options.ts';

/** Starts the worker that takes nodes through their plans, `concurrency` nodes at once; `stop` ends each turn between two actions. */
export const startNodeWorker = (
  station: Station,
  connection: Redis,
  options: { readonly concurrency: number; readonly stop: AbortSignal; warn(line: string): void },
): Worker<NodeJob> =>
  runWorker(
    NODE_QUEUE,
    connection,
    PREFIX,
    options.concurrency,
    (data, signal) => turnOfNode(station, data, AbortSignal.any([options.stop, signal])),
    (line) => options.warn(line),
  );
