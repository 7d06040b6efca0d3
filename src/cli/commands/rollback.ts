import type { Plan } from '../../core/plan.ts';
import type { NodeRun } from '../../core/reduce.ts';
import { attach } from '../attach.ts';
import type { Cli } from '../context.ts';
import { openDrover } from '../drover.ts';
import { exitCodes } from '../exit-code.ts';
import type { OutputFlags, YesFlag } from '../flags.ts';
import { tailOf } from '../follow.ts';
import { confirmed, person } from '../person.ts';
import { findRun, nodesOfRun } from '../say.ts';
import { findRollback, sayRollback } from '../take-back.ts';
import { backLines } from '../way-back.ts';

/** The flags of `drover rollback`. */
export type RollbackFlags = OutputFlags & YesFlag;

/** What an adopted node had already: there is no `before` to go back to. */
const kept = (plan: Plan, { steps }: NodeRun): readonly string[] =>
  plan.items
    .filter(({ step, role }) => step.kind === 'change' && (role === 'plain' || role === 'inner') && steps[step.id]?.phase === 'skipped')
    .map(({ step }) => `  = ${step.title}: was so when the node was taken over, so it stays`);

/** Takes a run, or nodes of it, back; shows the way first. */
export async function rollback(this: Cli, flags: RollbackFlags, word: string, ...names: string[]): Promise<void> {
  await using drover = await openDrover(this, 'rollback');
  const run = await findRun(drover, word);
  const { runId, spec } = run;
  const found = await findRollback(drover, run, nodesOfRun(runId, spec, names).nodes, this.interrupted());
  const out = flags.json === true ? this.stderr : this.stdout;
  for (const {
    name,
    found: { steps, plan, state },
  } of found.back) {
    for (const line of [`${name}: the way back`, ...backLines(steps, 'do     '), ...(spec.adopted === true ? kept(plan, state) : [])])
      out.write(`${line}\n`);
  }
  const whom = found.back.map(({ name }) => name).join(', ');
  if (!(await confirmed(this, `Roll back ${whom}?`, flags.yes))) return this.exit(exitCodes.usage);
  const after = await tailOf(drover.station.journal, runId);
  await sayRollback(drover, run, found, person(this));
  this.exit(await attach(this, drover, runId, spec, flags, after));
}
