import { UsageError } from '../../core/error.ts';
import type { Cli } from '../context.ts';
import type { JsonFlag } from '../flags.ts';
/** The flags of `drover show`. */
export type ShowFlags = JsonFlag;

/** Prints what happened in a run. */
export async function show(this: Cli, _flags: ShowFlags, _run: string): Promise<void> {
  throw new UsageError('not built yet');
}
