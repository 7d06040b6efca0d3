import { UsageError } from '../../core/error.ts';
import type { Cli } from '../context.ts';
import type { FleetFlags, JsonFlag, SelectFlags } from '../flags.ts';
/** The flags of `drover doctor`. */
export type DoctorFlags = FleetFlags & SelectFlags & JsonFlag;

/** Says what is missing here. */
export async function doctor(this: Cli, _flags: DoctorFlags, ..._nodes: string[]): Promise<void> {
  throw new UsageError('not built yet');
}
