import type { Cli } from '../context.ts';
import { openDrover } from '../drover.ts';
import { exitCodes } from '../exit-code.ts';
import type { FleetFlags, OutputFlags, SelectFlags, SetFlags } from '../flags.ts';
import { preflight } from '../preflight.ts';
import { prepare } from '../prepare.ts';
import { showPlan } from '../show-plan.ts';

/** The flags of `drover plan`. */
export type PlanFlags = FleetFlags & SelectFlags & SetFlags & OutputFlags;

/** Prints what a run would do; changes nothing. */
export async function plan(this: Cli, flags: PlanFlags, name: string, ...names: string[]): Promise<void> {
  const { runbook, spec } = await prepare(this, flags, name, names);
  await using drover = await openDrover(this, 'plan');
  const found = await preflight(drover, runbook, spec, this.interrupted());
  if (flags.json === true)
    this.stdout.write(`${JSON.stringify({ runbook: spec.runbook, version: spec.version, params: spec.params, ...found })}\n`);
  else for (const line of showPlan(found)) this.stdout.write(`${line}\n`);
  this.exit(found.refusals.length > 0 ? exitCodes.usage : exitCodes.done);
}
