import { hostname } from 'node:os';
import { startNodeWorker } from '../../workers/node.ts';
import { startRunWorker } from '../../workers/run.ts';
import { type DroverError, errorData } from '../core/error.ts';
import { cannotWorkOn } from '../queue/lacking.ts';
import { ownWork } from '../queue/own-work.ts';
import { sweepRuns } from '../queue/sweep.ts';
import { beat, goodbye, workersAlive } from '../queue/workers-alive.ts';
import type { Drover } from './drover.ts';

/** Workers that are at work in this process. */
export type Working = {
  /** Rejects when no other try can help, because Redis refuses what a worker has to do. @throws RedisError */
  readonly failed: Promise<never>;
  /** Ends every turn between two actions, gives the jobs back, and waits for that; an action that takes longer than a moment is ended. */
  stop(): Promise<void>;
};

const BEAT_MS = 2000;
const RUNS_AT_ONCE = 10;
/** How long the action at hand may go on when the worker is to stop; then it is ended on the node, and whoever goes on looks first. */
const GRACE_MS = 3000;
/** A node that does not answer must not keep a worker from leaving. */
const LEAVE_MS = 9000;

/** Says once that Redis does not answer, and once that it does again. */
const redisWatch = (warn: (line: string) => void): ((error?: unknown) => void) => {
  let away = false;
  return (error) => {
    if (error === undefined && away) warn('Redis answers again: going on');
    if (error !== undefined && !away) warn(`${errorData(error).message}; waiting for it`);
    away = error !== undefined;
  };
};

/** Starts both workers in this process, on a connection of their own. */
export const startWorkers = async (
  drover: Drover,
  options: { readonly concurrency: number; warn(line: string): void },
): Promise<Working> => {
  const { redis } = drover;
  const connection = drover.workerConnection();
  const [leaving, ending] = [new AbortController(), new AbortController()];
  const own = ownWork({ ...drover.station, leaving: leaving.signal });
  const { station } = own;
  const failure = Promise.withResolvers<never>();
  // who asks for it hears of it; until then it is no unhandled one
  failure.promise.catch(() => undefined);
  const common = {
    stop: ending.signal,
    warn: options.warn,
    cannot: async (runId: string, why: string) => cannotWorkOn(own, async () => workersAlive(redis), runId, why, ending.signal),
    fatal: (error: DroverError) => failure.reject(error),
  };
  const nodes = startNodeWorker(station, connection, { ...common, concurrency: options.concurrency });
  const runs = startRunWorker(station, connection, { ...common, concurrency: RUNS_AT_ONCE });
  const me = { id: station.owner, host: hostname(), pid: process.pid, concurrency: options.concurrency, startedAt: Date.now() };
  const answers = redisWatch(options.warn);
  const alive = async (): Promise<void> => beat(redis, { ...me, holds: own.holds(), lacks: own.lacks() }).then(() => answers(), answers);
  await alive();
  const beating = setInterval(() => void alive(), BEAT_MS);
  const sweeping = sweepRuns(station, leaving.signal, answers);
  return {
    failed: failure.promise,
    stop: async () => {
      clearInterval(beating);
      const why = 'the worker is stopping';
      leaving.abort(why);
      const ended = Promise.all([nodes.close(), runs.close(), sweeping]);
      const grace = setTimeout(() => ending.abort(why), GRACE_MS);
      let late: NodeJS.Timeout | undefined;
      await Promise.race([ended, new Promise((resolve) => (late = setTimeout(resolve, LEAVE_MS)))]);
      clearTimeout(grace);
      clearTimeout(late);
      // one that Redis does not hear of any more is forgotten after some seconds all the same
      await goodbye(redis, me.id).catch(() => undefined);
      connection.disconnect();
    },
  };
};
