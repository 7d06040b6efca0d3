import { RUN_STREAM, runNode } from '../core/node.ts';
import type { RunSpec } from '../core/event.ts';
import { execute } from '../engine/execute.ts';
import type { Ended } from '../engine/world.ts';
import { LEASE_MS, type Station, worldOf } from './station.ts';
import { planOfStream } from './plans.ts';

/** How long a hold may poll before it gives its worker slot back. */
const HOLD_MS = 2000;

/** The name under which a stream is leased: a node is one thing across all runs, a run's own stream belongs to the run. */
export const leaseName = (runId: string, stream: string): string => (stream === RUN_STREAM ? `run/${runId}` : stream);

/** What came of trying to work on a stream: somebody else holds it, or how the hold ended. */
export type Held = { readonly kind: 'busy'; readonly by: string } | Ended;

/** Runs `work` under a lease that is renewed until it is done; its signal aborts when the lease is lost or `signal` does. */
export const underLease = async <T>(
  station: Station,
  name: string,
  signal: AbortSignal,
  atLeast: number,
  work: (fence: number, signal: AbortSignal) => Promise<T>,
): Promise<T | { readonly kind: 'busy'; readonly by: string }> => {
  const { leases, owner } = station;
  const taken = await leases.take(name, owner, LEASE_MS, atLeast);
  if (taken.kind === 'held') return { kind: 'busy', by: taken.by };
  const lost = new AbortController();
  const renew = setInterval(() => {
    leases.renew(name, owner, taken.fence, LEASE_MS).then(
      (still) => still || lost.abort('the lease was lost'),
      () => undefined,
    );
  }, LEASE_MS / 4);
  try {
    return await work(taken.fence, AbortSignal.any([signal, lost.signal]));
  } finally {
    clearInterval(renew);
    // a lease that cannot be given back runs out by itself
    await leases.release(name, owner, taken.fence).catch(() => undefined);
  }
};

/** Works on one stream of a run for one hold. */
export const holdStream = async (
  station: Station,
  runId: string,
  spec: RunSpec,
  stream: string,
  signal: AbortSignal,
  atLeast = 0,
): Promise<Held> => {
  const runbook = await station.runbook(spec.runbook);
  const plan = planOfStream(runbook, spec, stream);
  const node = stream === RUN_STREAM ? runNode : spec.nodes.find(({ name }) => name === stream);
  if (!plan || !node) return { kind: 'replaced', why: `run ${runId} has no node ${stream}` };
  const world = worldOf(station, station.channels(runId, spec), stream === RUN_STREAM ? null : stream);
  const held = await underLease(station, leaseName(runId, stream), signal, atLeast, (fence, holding) =>
    execute({ runId, node, plan, onFailure: spec.onFailure, fence, by: station.owner, signal: holding, holdMs: HOLD_MS }, world),
  );
  // the node has seen a higher fence than Redis knows: Redis lost something, and the counter has to catch up once
  if (held.kind === 'replaced' && held.nodeFence !== undefined && atLeast === 0 && !signal.aborted) {
    return holdStream(station, runId, spec, stream, signal, held.nodeFence);
  }
  return held;
};
