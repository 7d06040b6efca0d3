import { RUN_STREAM } from '../core/node.ts';
import { fold } from '../core/reduce.ts';
import { atOnce } from './at-once.ts';
import type { Station } from './station.ts';

/** How often a worker looks whether each run that goes on has its job. */
export const SWEEP_MS = 30_000;

/** What was said so shortly before a run ended may not have been heard by whoever ended it; clocks differ by less. */
const UNHEARD_MS = 60_000;

/** A run that has ended, and what had been said to it by then. */
type Over = { readonly seq: number; readonly said: string | undefined };

/**
 * Gives a look that wakes every run which goes on, or to which something was said since it ended.
 *
 * Whoever starts or replays a run writes that down first and wakes it last, and may die in between; a Redis that was killed may have lost
 * the job. One that is there already is only looked at a little earlier.
 */
const sweeper = (station: Pick<Station, 'journal' | 'wakes'>): (() => Promise<void>) => {
  const { journal, wakes } = station;
  const over = new Map<string, Over>();
  return async () => {
    await atOnce(await journal.runs(), async (runId) => {
      const known = over.get(runId);
      const [news, said] = await Promise.all([journal.read(runId, RUN_STREAM, known?.seq), journal.controls(runId, known?.said)]);
      if (known && news.length === 0 && said.length === 0) return;
      const run = fold(known ? await journal.read(runId, RUN_STREAM) : news);
      // registered by who is about to begin it, or died then: nothing has begun
      if (run.spec === undefined) return;
      const last = said.at(-1);
      const ended = run.runOutcome !== undefined;
      if (!ended || (last !== undefined && last.at > run.at - UNHEARD_MS)) await wakes.run(runId);
      if (ended) over.set(runId, { seq: run.seq, said: last?.id ?? known?.said });
      else over.delete(runId);
    });
  };
};

/** Looks after all runs from now on, until the signal. @param trouble is told when Redis did not answer; the next look makes up for it */
export const sweepRuns = async (
  station: Pick<Station, 'journal' | 'wakes' | 'clock'>,
  signal: AbortSignal,
  trouble: (error: unknown) => void,
): Promise<void> => {
  const sweep = sweeper(station);
  while (!signal.aborted) {
    await sweep().catch(trouble);
    await station.clock.sleep(SWEEP_MS, signal);
  }
};
