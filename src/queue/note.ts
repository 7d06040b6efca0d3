import { JournalConflictError } from '../core/error.ts';
import type { NewEvent } from '../core/event.ts';
import { RUN_STREAM } from '../core/node.ts';
import { isCut } from '../journal/conflict.ts';
import { leaseName, underLease } from './hold.ts';
import type { Station } from './station.ts';

/**
 * Writes one event of the run itself, under the run's lease and behind what the decision was made on.
 *
 * @returns false where somebody else was faster, or works on the run's own steps: their word counts
 * @throws RedisError
 */
export const note = async (station: Station, runId: string, signal: AbortSignal, afterSeq: number, event: NewEvent): Promise<boolean> => {
  const noted = await underLease(station, leaseName(runId, RUN_STREAM), signal, 0, async (fence) => {
    try {
      await station.journal.append(runId, RUN_STREAM, { afterSeq, fence, nonce: station.nonce() }, event);
      return { kind: 'noted' as const };
    } catch (error) {
      if (!(error instanceof JournalConflictError)) throw error;
      // else the next decision would be made on what is no longer there, for ever
      if (isCut(error)) station.views.forget(runId);
      return { kind: 'beaten' as const };
    }
  });
  return noted.kind === 'noted';
};
