import { pendingControl } from '../../core/controls.ts';
import { RUN_STREAM } from '../../core/node.ts';
import { attach } from '../attach.ts';
import type { Cli } from '../context.ts';
import { openDrover } from '../drover.ts';
import { readRun } from '../../queue/run-state.ts';
import { outcomeCode, tailOf } from '../follow.ts';
import type { OutputFlags } from '../flags.ts';
import { person } from '../person.ts';
import { findRun, nodesOfRun, say } from '../say.ts';

/** The flags of `drover resume`. */
export type ResumeFlags = OutputFlags;

/** Goes on with what is parked, paused, or was left behind, and stays with it. */
export async function resume(this: Cli, flags: ResumeFlags, word: string, ...names: string[]): Promise<void> {
  await using drover = await openDrover(this, 'resume');
  const { runId, spec } = await findRun(drover, word);
  const whom = nodesOfRun(runId, spec, names);
  const { run, nodes } = await readRun(drover.station.journal, runId, spec);
  const after = await tailOf(drover.station.journal, runId);
  if (run.runOutcome !== undefined) {
    this.stderr.write(`drover: run ${runId} has ended (${run.runOutcome}); drover replay ${runId} tries failed nodes again\n`);
    return this.exit(outcomeCode(run.runOutcome));
  }
  const records = await drover.station.journal.controls(runId);
  const states = [...Object.entries(nodes), [RUN_STREAM, run] as const];
  // a pause that nobody has acted on yet would stop the run a moment after it goes on
  const stopped = states.some(([name, state]) => state.stuck || pendingControl(records, name, state)?.type === 'pause');
  if (stopped) await say(drover, runId, { type: 'resume', by: person(this), ...whom });
  else await drover.station.wakes.run(runId);
  this.exit(await attach(this, drover, runId, spec, flags, after));
}
