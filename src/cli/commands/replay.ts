import { attach } from '../attach.ts';
import type { Cli } from '../context.ts';
import { openDrover } from '../drover.ts';
import { exitCodes } from '../exit-code.ts';
import type { OutputFlags, YesFlag } from '../flags.ts';
import { tailOf } from '../follow.ts';
import { confirmed, person } from '../person.ts';
import { findRun, nodesOfRun } from '../say.ts';
import { findReplay, sayReplay } from '../try-again.ts';

/** The flags of `drover replay`. */
export type ReplayFlags = OutputFlags & YesFlag & { readonly from?: string };

/** Tries nodes again that did not end as wished, from the failed step or an earlier one. */
export async function replay(this: Cli, flags: ReplayFlags, word: string, ...names: string[]): Promise<void> {
  await using drover = await openDrover(this, 'replay');
  const run = await findRun(drover, word);
  const { runId, spec } = run;
  const found = await findReplay(drover, run, nodesOfRun(runId, spec, names).nodes, flags.from);
  const whom = found.again.map(({ name, from }) => `${name} from ${from}`).join(', ');
  if (!(await confirmed(this, `Replay ${whom}?`, flags.yes))) return this.exit(exitCodes.usage);
  const after = await tailOf(drover.station.journal, runId);
  await sayReplay(drover, run, found, person(this));
  this.exit(await attach(this, drover, runId, spec, flags, after));
}
