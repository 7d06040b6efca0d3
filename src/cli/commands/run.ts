import { UsageError } from '../../core/error.ts';
import { attach } from '../attach.ts';
import type { Cli } from '../context.ts';
import { createRun } from '../create-run.ts';
import { openDrover } from '../drover.ts';
import { exitCodes } from '../exit-code.ts';
import type { FleetFlags, OutputFlags, SelectFlags, SetFlags, YesFlag } from '../flags.ts';
import { confirmed, person } from '../person.ts';
import { preflight } from '../preflight.ts';
import { prepare } from '../prepare.ts';
import { showPlan } from '../show-plan.ts';
import { othersWork } from '../workers.ts';

/** The flags of `drover run`. */
export type RunFlags = FleetFlags &
  SelectFlags &
  SetFlags &
  OutputFlags &
  YesFlag & { readonly detach?: boolean; readonly onFailure?: 'pause' | 'rollback' };

/** Moves nodes through a runbook: preflight of all, a confirmation, then one node after another. */
export async function run(this: Cli, flags: RunFlags, name: string, ...names: string[]): Promise<void> {
  const { runbook, spec, all } = await prepare(this, flags, name, names);
  await using drover = await openDrover(this, 'run');
  if (flags.detach === true && !(await othersWork(drover))) {
    throw new UsageError('--detach leaves the run to workers, and there is none: start one with drover worker, or leave --detach out');
  }
  const found = await preflight(drover, runbook, spec, this.interrupted());
  const shown = flags.json === true ? this.stderr : this.stdout;
  if (found.refusals.length > 0) {
    for (const line of found.refusals) this.stderr.write(`drover: ${line}\n`);
    const bad = found.nodes.filter(({ refusals }) => refusals.length > 0).map(({ node }) => node);
    const others =
      spec.nodes.length > bad.length && bad.length > 0 ? `, or leave ${bad.map((node) => `--exclude ${node}`).join(' ')} out` : '';
    this.stderr.write(`drover: preflight refused, nothing was touched; drover plan shows all of it. Mend it${others}.\n`);
    return this.exit(exitCodes.usage);
  }
  if (flags.yes === true) for (const line of found.warnings) shown.write(`! ${line}\n`);
  else {
    for (const line of showPlan(found)) shown.write(`${line}\n`);
    const which = `${all ? 'ALL ' : ''}${spec.nodes.length} node${spec.nodes.length === 1 ? '' : 's'}`;
    const question = `Run ${runbook.name} on ${which} (${spec.nodes.map((node) => node.name).join(', ')})?`;
    if (!(await confirmed(this, question, flags.yes))) return this.exit(exitCodes.usage);
  }
  const runId = await createRun(drover, spec, person(this));
  if (flags.detach === true) {
    this.stdout.write(
      flags.json === true ? `${JSON.stringify({ run: runId })}\n` : `run ${runId}: the workers have it; drover watch ${runId}\n`,
    );
    return;
  }
  this.exit(await attach(this, drover, runId, spec, flags, {}));
}
