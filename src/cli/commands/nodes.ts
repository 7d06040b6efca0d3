import { UsageError } from '../../core/error.ts';
import type { Cli } from '../context.ts';
import type { FleetFlags, JsonFlag, SelectFlags } from '../flags.ts';
/** The flags of `drover nodes`. */
export type NodesFlags = FleetFlags & SelectFlags & JsonFlag;

/** Prints the inventory. */
export async function nodes(this: Cli, _flags: NodesFlags, ..._nodes: string[]): Promise<void> {
  throw new UsageError('not built yet');
}
