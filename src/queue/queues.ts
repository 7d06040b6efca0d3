import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** Payload of a node job: a lease on work, not a record of it. */
export type NodeJob = { readonly runId: string; readonly node: string };
/** Payload of a run job. */
export type RunJob = { readonly runId: string };

/** BullMQ's key prefix, and the names of the two queues. */
export const PREFIX = 'drover-bull';
export const NODE_QUEUE = 'drover-node';
export const RUN_QUEUE = 'drover-run';

/** The two queues, as those who put work in see them. */
export type Queues = { readonly nodes: Queue<NodeJob>; readonly runs: Queue<RunJob>; close(): Promise<void> };

/** Opens the queues on a connection that stays the caller's. */
export const openQueues = (redis: Redis): Queues => {
  const options = { connection: redis, prefix: PREFIX, skipVersionCheck: true };
  const nodes = new Queue<NodeJob>(NODE_QUEUE, options);
  const runs = new Queue<RunJob>(RUN_QUEUE, options);
  // without a listener a lost connection would be an uncaught exception; commands report it themselves
  nodes.on('error', () => undefined);
  runs.on('error', () => undefined);
  return {
    nodes,
    runs,
    close: async () => {
      await Promise.all([nodes.close(), runs.close()]);
    },
  };
};

/**
 * Puts a job in, or wakes the one that is there.
 *
 * The id is constant for what is worked on and freed at its end, so that there is at most one job a node and run. An add that BullMQ drops
 * because a job is just ending is made up for by the run job, which looks again every two seconds.
 */
const wake = async <T extends object>(queue: Queue<T>, id: string, data: T): Promise<void> => {
  const job = await queue.getJob(id);
  if (!job) {
    // attempts: 1, because retries belong to the step's own bound
    await queue.add('hold' as never, data as never, { jobId: id, attempts: 1, removeOnComplete: true, removeOnFail: true });
    return;
  }
  // it may have been started by another worker meanwhile, which is as good
  if (await job.isDelayed()) await job.promote().catch(() => undefined);
};

/** Makes sure that a worker looks at a node now. */
export const wakeNode = (queues: Queues, runId: string, node: string): Promise<void> => wake(queues.nodes, `${runId}/${node}`, { runId, node });
/** Makes sure that a worker looks at a run now. */
export const wakeRun = (queues: Queues, runId: string): Promise<void> => wake(queues.runs, `run/${runId}`, { runId });
