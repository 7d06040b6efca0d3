import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { onRedis } from '../journal/redis-trouble.ts';
import type { NodeJob, RunJob, Wakes } from './wakes.ts';

/** BullMQ's key prefix, and the names of the two queues. */
export const PREFIX = 'drover-bull';
export const NODE_QUEUE = 'drover-node';
export const RUN_QUEUE = 'drover-run';

/** Where it stands that somebody asked for a look while one was under way. */
export const missedKey = (jobId: string): string => `${PREFIX}:missed:${jobId}`;
/** As long as one look may take. */
const MISSED_MS = 60_000;

/** The two queues, as those who put work in see them; each is opened when it is first used, because BullMQ takes a tenth of a second to load. */
export type Queues = {
  nodes(): Promise<Queue<NodeJob>>;
  runs(): Promise<Queue<RunJob>>;
  /** Notes that a look was asked for which a job at work may miss: whoever has the job looks at this when its turn is over. */
  missed(jobId: string): Promise<void>;
  close(): Promise<void>;
};

const opened = <T>(redis: Redis, name: string): (() => Promise<Queue<T>>) & { readonly close: () => Promise<void> } => {
  let opening: Promise<Queue<T>> | undefined;
  const open = async (): Promise<Queue<T>> => {
    const bullmq = await import('bullmq');
    const queue = new bullmq.Queue<T>(name, { connection: redis, prefix: PREFIX, skipVersionCheck: true });
    // without a listener a lost connection would be an uncaught exception; commands report it themselves
    queue.on('error', () => undefined);
    return queue;
  };
  return Object.assign(() => (opening ??= open()), { close: async () => (await opening)?.close() });
};

/** Gives the queues on a connection that stays the caller's. */
export const openQueues = (redis: Redis): Queues => {
  const nodes = opened<NodeJob>(redis, NODE_QUEUE);
  const runs = opened<RunJob>(redis, RUN_QUEUE);
  return {
    nodes,
    runs,
    missed: async (jobId) => {
      await onRedis(redis, () => redis.set(missedKey(jobId), '1', 'PX', MISSED_MS));
    },
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
 * The id is constant for what is worked on and freed at its end, so that there is at most one job a node and run. A job at work may have
 * looked already: whoever has it wakes it again when its turn is over. What is lost all the same, because that one died, is made up for by
 * the run job, which looks again every two seconds.
 */
const wake = async (queues: Queues, queue: Waking, id: string, add: () => Promise<unknown>): Promise<void> => {
  const job = await queue.getJob(id);
  if (!job) {
    await add();
    return;
  }
  const promoted = async (): Promise<boolean> => {
    if (!(await job.isDelayed())) return false;
    // it may have been started by another worker meanwhile, which is as good
    await job.promote().catch(() => undefined);
    return true;
  };
  if (await promoted()) return;
  await queues.missed(id);
  // its turn may have ended before that was noted
  await promoted();
};

/** Wakes by these queues. */
export const bullWakes = (queues: Queues): Wakes => ({
  node: async (runId, node) => {
    const [id, queue] = [`${runId}/${node}`, await queues.nodes()];
    await wake(queues, queue, id, () => queue.add(NAME, { runId, node }, once(id)));
  },
  run: async (runId) => {
    const [id, queue] = [`run/${runId}`, await queues.runs()];
    await wake(queues, queue, id, () => queue.add(NAME, { runId }, once(id)));
  },
});
