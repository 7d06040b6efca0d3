import { isAdmitted } from '../core/standing.ts';
import { holdStream } from './hold.ts';
import type { Station } from './station.ts';
import type { NodeJob } from './wakes.ts';

const BUSY_MS = 1000;

/**
 * One turn of a node job: holds the node until it ends or has to wait, then wakes the run.
 *
 * @returns in how many milliseconds the node wants another turn; null when it has ended, has to wait for its turn, or only a person can wake it
 */
export const turnOfNode = async (station: Station, { runId, node }: NodeJob, signal: AbortSignal): Promise<number | null> => {
  const spec = await station.views.spec(runId);
  const run = await station.views.run(runId);
  if (!spec || !run) return null;
  const held = await holdStream(station, runId, spec, node, signal, (now) => isAdmitted(node, now, run));
  switch (held.kind) {
    case 'busy':
      return BUSY_MS;
    case 'stopped':
      return 0;
    case 'waiting':
      if (held.wakeInMs !== null) return held.wakeInMs;
      await station.wakes.run(runId);
      return held.remindInMs ?? null;
    case 'finished':
    case 'replaced':
      station.channels(runId, spec).node(node).drop();
      await station.wakes.run(runId);
      return null;
  }
};
