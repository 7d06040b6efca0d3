import { UsageError } from '../../core/error.ts';
import { readRun } from '../../queue/run-state.ts';
import type { Cli } from '../context.ts';
import { openDrover } from '../drover.ts';
import type { JsonFlag } from '../flags.ts';
import { person } from '../person.ts';
import { findRun, nodesOfRun, say, warnUnheard } from '../say.ts';

/** The flags of `drover pause`. */
export type PauseFlags = JsonFlag;

/** Stops nodes between two actions. */
export async function pause(this: Cli, flags: PauseFlags, word: string, ...names: string[]): Promise<void> {
  await using drover = await openDrover(this, 'pause');
  const { runId, spec } = await findRun(drover, word);
  const { run } = await readRun(drover.station.journal, runId, spec);
  if (run.runOutcome !== undefined)
    throw new UsageError(
      `run ${runId} has ended (${run.runOutcome}): there is nothing to pause; drover show ${runId} tells where each node stands`,
    );
  const by = person(this);
  await say(drover, runId, { type: 'pause', by, ...nodesOfRun(runId, spec, names) });
  await warnUnheard(this, drover, runId);
  this.stdout.write(
    flags.json === true
      ? `${JSON.stringify({ run: runId, said: 'pause', by })}\n`
      : `run ${runId}: stops between two actions; drover resume ${runId} goes on\n`,
  );
}
