import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { startNodeWorker } from '../../workers/node.ts';
import { startRunWorker } from '../../workers/run.ts';
import { type WorkerInfo, beat, goodbye, workersAlive } from '../queue/workers-alive.ts';
import type { Drover } from './drover.ts';

/** Workers that are at work in this process. */
export type Working = {
  readonly concurrency: number;
  /** Ends every turn between two actions, gives the jobs back, and waits for that; bounded by the longest action at hand. */
  stop(): Promise<void>;
};

const BEAT_MS = 2000;
const RUNS_AT_ONCE = 10;

/** Starts both workers in this process, on a connection of their own. */
export const startWorkers = async (
  drover: Drover,
  options: { readonly concurrency: number; warn(line: string): void },
): Promise<Working> => {
  const { station } = drover;
  const connection = drover.workerConnection();
  const stop = new AbortController();
  const both = { stop: stop.signal, warn: options.warn };
  const nodes = startNodeWorker(station, connection, { ...both, concurrency: options.concurrency });
  const runs = startRunWorker(station, connection, { ...both, concurrency: RUNS_AT_ONCE });
  const worker = { id: randomUUID(), host: hostname(), pid: process.pid, concurrency: options.concurrency, startedAt: Date.now() };
  const alive = async (): Promise<void> => beat(drover.redis, worker).catch(() => undefined);
  await alive();
  const beating = setInterval(() => void alive(), BEAT_MS);
  return {
    concurrency: options.concurrency,
    stop: async () => {
      clearInterval(beating);
      stop.abort('the worker is stopping');
      await Promise.all([nodes.close(), runs.close()]);
      // one that Redis does not hear of any more is forgotten after some seconds all the same
      await goodbye(drover.redis, worker.id).catch(() => undefined);
      connection.disconnect();
    },
  };
};

/** A worker that was killed a moment ago still counts in Redis; on this machine the process table knows better. */
const isGone = ({ host, pid }: WorkerInfo): boolean => {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // EPERM: it is there, and somebody else's
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
};

/** Whether some other process works on runs. */
export const othersWork = async (drover: Drover): Promise<boolean> =>
  (await workersAlive(drover.redis)).some((worker) => !isGone(worker));
