import { UsageError } from '../../core/error.ts';
import type { Cli } from '../context.ts';
import type { FleetFlags, JsonFlag, YesFlag } from '../flags.ts';
/** The flags of `drover forget`. */
export type ForgetFlags = FleetFlags & JsonFlag & YesFlag & { readonly run?: string; readonly pins?: boolean };

/** Removes what drover keeps on nodes. */
export async function forget(this: Cli, _flags: ForgetFlags, ..._nodes: string[]): Promise<void> {
  throw new UsageError('not built yet');
}
