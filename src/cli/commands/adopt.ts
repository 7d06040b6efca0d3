import { adoption } from '../adoption.ts';
import type { Cli } from '../context.ts';
import { openDrover } from '../drover.ts';
import { type PrepareFlags, prepare } from '../prepare.ts';
import { showPlan } from '../show-plan.ts';
import { type StartFlags, questionFor, startRun } from '../start-run.ts';

/** The flags of `drover adopt`. */
export type AdoptFlags = Omit<PrepareFlags, 'selector' | 'exclude'> & StartFlags;

/** Takes over nodes that somebody moved half-way: shows what is met and what is missing, asks, and goes on with a run. */
export async function adopt(this: Cli, flags: AdoptFlags, name: string, ...names: string[]): Promise<void> {
  const prepared = await prepare(this, flags, name, names);
  const { runbook, others } = prepared;
  await using drover = await openDrover(this, 'adopt');
  const { spec, words } = await adoption(drover, runbook, prepared.spec, this.interrupted());
  const wanted = {
    runbook,
    spec,
    others,
    question: questionFor('Take over and go on with', spec, runbook, false),
    show: (found: Parameters<typeof showPlan>[0]) => [...showPlan(found, spec), ...words],
  };
  this.exit(await startRun(this, drover, wanted, flags));
}
