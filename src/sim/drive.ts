import type { Clock } from '../core/ports.ts';
import type { Process } from './node/machine.ts';
import type { Running } from './programs/program.ts';

/** How a login's command ended: its exit code, or null when its connection has to be cut. */
export type DriveEnd = number | null;

/**
 * Runs a command to its end, letting pass the time that it asks for.
 *
 * @param step called after each stretch of work, so that the world outside follows
 */
export const drive = async (running: Running, process: Process, clock: Clock, signal: AbortSignal, step: () => void): Promise<DriveEnd> => {
  for (;;) {
    const { done, value } = running.next();
    step();
    if (done === true) return value;
    if (!Number.isFinite(value)) break;
    await clock.sleep(value, signal);
    if (process.ended || signal.aborted) break;
  }
  running.return(143);
  return null;
};
