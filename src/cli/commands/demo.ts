import { UsageError } from '../../core/error.ts';
import type { Cli } from '../context.ts';
import type { OutputFlags } from '../flags.ts';
/** The flags of `drover demo`. */
export type DemoFlags = OutputFlags & { readonly nodes?: number; readonly faults?: string };

/** A simulated fleet and the whole rollout over it. */
export async function demo(this: Cli, _flags: DemoFlags): Promise<void> {
  throw new UsageError('not built yet');
}
