import type { Cli } from '../context.ts';
import { openDrover } from '../drover.ts';
import type { OutputFlags } from '../flags.ts';
import { beginning, tellRun } from '../follow.ts';
import { findRun } from '../say.ts';
import { teller } from '../teller.ts';

/** The flags of `drover watch`. */
export type WatchFlags = OutputFlags;

/** Tells a run from its beginning, and follows it until it ends or waits for a person; works on nothing. */
export async function watch(this: Cli, flags: WatchFlags, word: string): Promise<void> {
  await using drover = await openDrover(this, 'watch');
  const { runId, spec } = await findRun(drover, word);
  const told = teller(this, runId, spec, flags);
  const code = await tellRun(drover.station.journal, runId, beginning, this.interrupted(), (one) => told.tell(one));
  told.end();
  this.exit(code);
}
