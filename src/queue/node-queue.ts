import { holdStream } from './hold.ts';
import { type NodeJob, type Queues, wakeRun } from './queues.ts';
import { readSpec } from './run-state.ts';
import type { Station } from './station.ts';

const BUSY_MS = 1000;

/**
 * One turn of a node job: holds the node until it ends or has to wait, then wakes the run.
 *
 * @returns in how many milliseconds the node wants another turn; null when it has ended or only a person can wake it
 */
export const turnOfNode = async (
  station: Station,
  queues: Queues,
  { runId, node }: NodeJob,
  signal: AbortSignal,
): Promise<number | null> => {
  const spec = await readSpec(station.journal, runId);
  if (!spec) return null;
  const held = await holdStream(station, runId, spec, node, signal);
  switch (held.kind) {
    case 'busy':
      return BUSY_MS;
    case 'stopped':
      return 0;
    case 'waiting':
      if (held.wakeInMs !== null) return held.wakeInMs;
      await wakeRun(queues, runId);
      return null;
    case 'finished':
    case 'replaced':
      await wakeRun(queues, runId);
      return null;
  }
};
