import { hostname } from 'node:os';
import { type WorkerInfo, workersAlive } from '../queue/workers-alive.ts';
import type { Drover } from './drover.ts';

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

/** The workers there are, without those that have just died on this machine. @throws RedisError */
export const workersNow = async (drover: Drover): Promise<readonly WorkerInfo[]> =>
  (await workersAlive(drover.redis)).filter((worker) => !isGone(worker));

/** Whether some other process works on runs; one that has not the means for this one does not count. */
export const othersWork = async (drover: Drover, runId?: string): Promise<boolean> =>
  (await workersNow(drover)).some(({ lacks }) => !lacks.some(({ run }) => run === runId));
