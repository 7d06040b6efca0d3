import type { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { turnOfNode } from '../src/queue/node-queue.ts';
import { NODE_QUEUE, PREFIX } from '../src/queue/queues.ts';
import type { Station } from '../src/queue/station.ts';
import type { NodeJob } from '../src/queue/wakes.ts';
import { type WorkerOptions, runWorker } from '../src/queue/worker-options.ts';

/** Starts the worker that takes nodes through their plans, `concurrency` nodes at once; `stop` ends what is at work. */
export const startNodeWorker = (
  station: Station,
  connection: Redis,
  options: Pick<WorkerOptions<NodeJob>, 'concurrency' | 'warn' | 'cannot' | 'fatal'> & { readonly stop: AbortSignal },
): Worker<NodeJob> =>
  runWorker({
    ...options,
    queue: NODE_QUEUE,
    prefix: PREFIX,
    connection,
    again: ({ runId, node }) => station.wakes.node(runId, node),
    turn: (data, signal) => turnOfNode(station, data, AbortSignal.any([options.stop, signal])),
  });
