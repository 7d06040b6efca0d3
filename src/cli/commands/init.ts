import { UsageError } from '../../core/error.ts';
import type { Cli } from '../context.ts';

/** The flags of `drover init`. */
export type InitFlags = Readonly<Record<never, never>>;

/** Writes a first fleet.yaml and runbook. */
export async function init(this: Cli, _flags: InitFlags, _dir?: string): Promise<void> {
  throw new UsageError('not built yet');
}
