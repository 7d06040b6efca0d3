import { JournalConflictError } from '../core/error.ts';
import { RUN_STREAM } from '../core/node.ts';
import { leaseName, underLease } from './hold.ts';
import type { OwnWork } from './own-work.ts';
import type { WorkerInfo } from './workers-alive.ts';

/** A worker that has the means may be just starting, or not have taken a turn yet. */
const PATIENCE_MS = 6000;
/** How soon a turn is looked at again where no worker can take it. */
const AGAIN_MS = 1000;

/**
 * Notes that a turn of a run could not even begin here, and halts the run visibly when that is so for all workers there are.
 *
 * A halted run goes on by itself as soon as a worker that has the means looks at it.
 *
 * @returns in how many ms the turn is to be looked at again, null where another worker can take it at once @throws RedisError
 */
export const cannotWorkOn = async (
  { station, cannot }: OwnWork,
  alive: () => Promise<readonly WorkerInfo[]>,
  runId: string,
  why: string,
  signal: AbortSignal,
): Promise<number | null> => {
  const { forMs } = cannot(runId, why);
  const others = (await alive()).filter(({ id }) => id !== station.owner);
  if (others.some(({ lacks }) => !lacks.some(({ run }) => run === runId))) return null;
  if (forMs < PATIENCE_MS) return AGAIN_MS;
  const run = await station.views.run(runId);
  if (!run || run.halted !== undefined || run.runOutcome !== undefined) return AGAIN_MS;
  const workers = others.length === 0 ? 'the only worker there is' : `none of the ${others.length + 1} workers`;
  const said = `${others.length === 0 ? `${workers}, ${station.owner}, cannot` : `${workers} can`} work on it: ${why}; start a worker that can, and the run goes on by itself`;
  await underLease(station, leaseName(runId, RUN_STREAM), signal, 0, async (fence) => {
    try {
      await station.journal.append(
        runId,
        RUN_STREAM,
        { afterSeq: run.seq, fence, nonce: station.nonce() },
        { type: 'run.halted', why: said },
      );
    } catch (error) {
      // somebody else wrote meanwhile: their word counts
      if (!(error instanceof JournalConflictError)) throw error;
    }
  });
  return AGAIN_MS;
};
