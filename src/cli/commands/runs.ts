import { UsageError } from '../../core/error.ts';
import type { Cli } from '../context.ts';
import type { JsonFlag } from '../flags.ts';
/** The flags of `drover runs`. */
export type RunsFlags = JsonFlag;

/** Lists the runs, newest first. */
export async function runs(this: Cli, _flags: RunsFlags): Promise<void> {
  throw new UsageError('not built yet');
}
