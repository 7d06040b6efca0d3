import { z } from 'zod';
import { UsageError } from '../../core/error.ts';
import type { Cli } from '../context.ts';
import { openDrover } from '../drover.ts';
import type { OutputFlags } from '../flags.ts';
import { beginning, tellRun } from '../follow.ts';
import { findRun } from '../say.ts';
import { hasScreen } from '../has-screen.ts';
import { openScreen } from '../screen.ts';

/** The flags of `drover watch`. */
export type WatchFlags = OutputFlags & { readonly replay?: boolean; readonly speed?: number };

const SPEED = 10;

/** Shows a run as it stands and follows it, or plays it again; without a terminal, tells it until it ends or waits. Works on nothing. */
export async function watch(this: Cli, flags: WatchFlags, word: string): Promise<void> {
  if (flags.speed !== undefined && flags.replay !== true) throw new UsageError('--speed is for --replay');
  const screen = hasScreen(this, flags);
  if (flags.replay === true && !screen) throw new UsageError('--replay needs a terminal; drover show RUN tells all that happened');
  // to compile the checks of events takes longer than to check those of a run without
  z.config({ jitless: true });
  // while Redis answers, what draws is loaded
  const loading = screen ? import('../../tui/app/watch.ts') : undefined;
  await using drover = await openDrover(this, 'watch');
  const { runId, spec } = await findRun(drover, word);
  if (loading) {
    await loading;
    const speed = flags.replay === true ? { speed: flags.speed ?? SPEED } : {};
    const { code } = await openScreen(this, drover, runId, spec, { working: () => false, ...speed });
    return this.exit(code);
  }
  const { teller } = await import('../teller.ts');
  const told = teller(this, runId, spec, flags);
  const code = await tellRun(drover.station.journal, runId, beginning, this.interrupted(), (one) => told.tell(one));
  told.end();
  this.exit(code);
}
