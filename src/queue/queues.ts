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

/** What is needed of a queue to wake a job, whatever its payload. */
type Waking = { getJob(id: string): Promise<{ isDelayed(): Promise<boolean>; promote(): Promise<void> } | undefined> };

const NAME = 'hold';
/** One attempt, because retries belong to the step's own bound; freed at its end, so that the id can be used again. */
const once = (id: string) => ({ jobId: id, attempts: 1, removeOnComplete: true, removeOnFail: true });

/**
 * Puts a job in, or wakes the one that is there.
 *
 * The id is constant for what is worked on and freed at its end, so that there is at most one job a node and run. An add that BullMQ drops
 * because a job is just ending is made up for by the run job, which looks again every two seconds.
 */
const wake = async (queue: Waking, id: string, add: () => Promise<unknown>): Promise<void> => {
  const job = await queue.getJob(id);
  if (!job) await add();
  // it may have been started by another worker meanwhile, which is as good
  else if (await job.isDelayed()) await job.promote().catch(() => undefined);
};

/** Makes sure that a worker looks at a node now. */
export const wakeNode = ({ nodes }: Queues, runId: string, node: string): Promise<void> => {
  const id = `${runId}/${node}`;
  return wake(nodes, id, () => nodes.add(NAME, { runId, node }, once(id)));
};
/** Makes sure that a worker looks at a run now. */
export const wakeRun = ({ runs }: Queues, runId: string): Promise<void> => {
  const id = `run/${runId}`;
  return wake(runs, id, () => runs.add(NAME, { runId }, once(id)));
};
