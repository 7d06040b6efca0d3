import { JournalConflictError } from '../core/error.ts';
import { dueNotice } from '../core/notice.ts';
import { RUN_STREAM, runNode } from '../core/node.ts';
import { announce } from '../engine/herald.ts';
import { leaseName, noticesOf, underLease } from './hold.ts';
import { type Station, worldOf } from './station.ts';
import { wakeMany } from './wake-many.ts';

/**
 * Has people told what is due, where no node's own turn does so: that the run is halted or goes on, and what a job that was lost, or a worker
 * that died, has left untold of a node that is not at work.
 *
 * @throws RedisError
 */
export const tellPeople = async (station: Station, runId: string, signal: AbortSignal): Promise<void> => {
  const spec = await station.views.spec(runId);
  if (spec === undefined) return;
  const { notices } = noticesOf(spec);
  const channels = notices && station.channels(runId, spec);
  const all = channels?.notifier && (await station.views.all(runId));
  if (!notices || !channels || !all) return;
  const now = station.clock.now();
  const untold = spec.nodes
    .map(({ name }) => name)
    .filter((name) => {
      const run = all.nodes[name];
      return run !== undefined && dueNotice(run, notices, now) !== undefined;
    });
  await wakeMany(station, runId, untold, { run: all.run, said: {} });
  if (dueNotice(all.run, notices, now) === undefined) return;
  await underLease(station, leaseName(runId, RUN_STREAM), signal, 0, async (fence, holding) => {
    const assignment = {
      runId,
      node: runNode,
      plan: { direction: 'forward', items: [] },
      onFailure: spec.onFailure,
      fence,
      by: station.owner,
      signal: holding,
      admits: () => false,
      holdMs: 0,
      notices,
    } as const;
    try {
      await announce(assignment, worldOf(station, channels, null));
      return { kind: 'told' as const };
    } catch (error) {
      // another worker has the lease since, and tells what is still to be told
      if (!(error instanceof JournalConflictError)) throw error;
      return { kind: 'beaten' as const };
    }
  });
};
