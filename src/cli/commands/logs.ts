import { UsageError } from '../../core/error.ts';
import type { Cli } from '../context.ts';
import type { JsonFlag } from '../flags.ts';
/** The flags of `drover logs`. */
export type LogsFlags = JsonFlag & { readonly follow?: boolean; readonly step?: string };

/** Prints what commands printed. */
export async function logs(this: Cli, _flags: LogsFlags, _run: string, _node?: string): Promise<void> {
  throw new UsageError('not built yet');
}
