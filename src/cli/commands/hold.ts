import { UsageError } from '../../core/error.ts';
import type { Cli } from '../context.ts';
import type { JsonFlag } from '../flags.ts';
/** The flags of `drover hold`. */
export type HoldFlags = JsonFlag & { readonly why?: string; readonly release?: boolean };

/** Keeps nodes out of runs. */
export async function hold(this: Cli, _flags: HoldFlags, ..._nodes: string[]): Promise<void> {
  throw new UsageError('not built yet');
}
