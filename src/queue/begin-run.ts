import type { RunSpec } from '../core/event.ts';
import { RUN_STREAM } from '../core/node.ts';
import { leaseName, underLease } from './hold.ts';
import type { Station } from './station.ts';

/**
 * Writes down that a run begins, and wakes it.
 *
 * In this order: whoever dies in between leaves a run that is listed and that the next sweep of a worker finds, or none at all.
 */
export const beginRun = async (station: Station, runId: string, spec: RunSpec, by: string): Promise<void> => {
  await station.journal.register(runId);
  await underLease(station, leaseName(runId, RUN_STREAM), new AbortController().signal, 0, async (fence) => {
    const event = { type: 'run.started', spec, by } as const;
    return station.journal.append(runId, RUN_STREAM, { afterSeq: 0, fence, nonce: station.nonce() }, event);
  });
  await station.wakes.run(runId);
};
