import { RUN_STREAM } from '../core/node.ts';
import { fold } from '../core/reduce.ts';
import type { Cli } from './context.ts';
import type { Drover } from './drover.ts';
import { othersWork } from './workers-now.ts';
import { startWorkers } from './workers.ts';

const CONCURRENCY = 10;
const LOOK_MS = 200;
/** A cancel ends what is at work on a node, which takes seconds at most; a node that does not answer is not waited for. */
const WITHIN_MS = 20_000;

/**
 * Sees to it that a run which somebody has cancelled ends, also when nobody works on runs: else it would keep its nodes for ever.
 *
 * @returns false when it has not ended by then: it does as soon as somebody works on it
 */
export const endHere = async (cli: Cli, drover: Drover, runId: string): Promise<boolean> => {
  const { journal, clock } = drover.station;
  const signal = cli.interrupted();
  const until = clock.now() + WITHIN_MS;
  const working = (await othersWork(drover))
    ? undefined
    : await startWorkers(drover, { concurrency: CONCURRENCY, warn: (line) => cli.stderr.write(`drover: ${line}\n`) });
  try {
    while (!signal.aborted && clock.now() < until) {
      if (fold(await journal.read(runId, RUN_STREAM)).runOutcome !== undefined) return true;
      // others act on it in their own time
      if (working === undefined) return false;
      await clock.sleep(LOOK_MS, signal);
    }
    return false;
  } finally {
    await working?.stop();
  }
};
