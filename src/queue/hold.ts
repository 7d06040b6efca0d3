import { durationMs } from '../core/duration.ts';
import { RUN_STREAM } from '../core/node.ts';
import type { RunSpec } from '../core/event.ts';
import type { NodeRun } from '../core/reduce.ts';
import { execute } from '../engine/execute.ts';
import type { Assignment, Ended } from '../engine/world.ts';
import { LEASE_MS, type Station, worldOf } from './station.ts';
import { nodeOfStream, planOfStream } from './plans.ts';

/** How long a hold may poll before it gives its worker slot back. */
const HOLD_MS = 2000;

/** The name under which a stream is leased: a node is one thing across all runs, a run's own stream belongs to the run. */
export const leaseName = (runId: string, stream: string): string => (stream === RUN_STREAM ? `run/${runId}` : stream);

/** What came of trying to work on a stream: somebody else holds it, or how the hold ended. */
export type Held = { readonly kind: 'busy'; readonly by: string } | Ended;

/** How long before its lease could run out unrenewed a worker stops: enough to end what it is about to send. */
const MARGIN_MS = 1500;

/**
 * Renews a lease until `done`; returns in words why it cannot count on it any more.
 *
 * A renewal that gets no answer counts as none: what matters is the last one that was certain, from when it was asked.
 */
const renewed = async (
  { leases, owner, clock }: Station,
  name: string,
  fence: number,
  takenAt: number,
  done: AbortSignal,
): Promise<string> => {
  let certainUntil = takenAt + LEASE_MS - MARGIN_MS;
  while (!done.aborted) {
    await clock.sleep(Math.min(LEASE_MS / 4, Math.max(0, certainUntil - clock.now())), done);
    if (done.aborted) break;
    if (clock.now() >= certainUntil) return 'the lease could not be renewed in time';
    const asked = clock.now();
    const answer = leases.renew(name, owner, fence, LEASE_MS).catch(() => undefined);
    const still = await Promise.race([answer, clock.sleep(certainUntil - asked, done).then(() => undefined)]);
    if (still === false) return 'the lease was lost';
    if (still === true) certainUntil = asked + LEASE_MS - MARGIN_MS;
  }
  return 'the work is done';
};

/** Runs `work` under a lease that is renewed until it is done; its signal aborts when the lease is lost or `signal` does. */
export const underLease = async <T>(
  station: Station,
  name: string,
  signal: AbortSignal,
  atLeast: number,
  work: (fence: number, signal: AbortSignal, unclaimed: boolean) => Promise<T>,
): Promise<T | { readonly kind: 'busy'; readonly by: string }> => {
  const { leases, owner } = station;
  const askedAt = station.clock.now();
  const taken = await leases.take(name, owner, LEASE_MS, atLeast);
  if (taken.kind === 'held') return { kind: 'busy', by: taken.by };
  const done = new AbortController();
  const holding = new AbortController();
  const renewing = renewed(station, name, taken.fence, askedAt, done.signal).then((why) => holding.abort(why));
  // not AbortSignal.any, which leaves weak references behind at every hold
  const stop = (): void => holding.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await work(taken.fence, holding.signal, taken.unclaimed);
  } finally {
    signal.removeEventListener('abort', stop);
    // a reason of its own, because abort() without one makes an error with a stack
    done.abort('the work is done');
    await renewing;
    // a lease that cannot be given back runs out by itself
    await leases.release(name, owner, taken.fence).catch(() => undefined);
  }
};

/** How the people of a run are told, as a hold takes it. */
export const noticesOf = ({ notify, runbook }: RunSpec): Pick<Assignment, 'notices'> =>
  notify === undefined ? {} : { notices: { remindMs: durationMs(notify.remind), runbook } };

/** Works on one stream of a run for one hold. */
export const holdStream = async (
  station: Station,
  runId: string,
  spec: RunSpec,
  stream: string,
  signal: AbortSignal,
  admits: (run: NodeRun) => boolean,
  atLeast = 0,
): Promise<Held> => {
  const runbook = await station.runbook(spec.runbook);
  const plan = planOfStream(runbook, spec, stream);
  const node = nodeOfStream(spec, stream);
  if (!plan || !node) return { kind: 'replaced', why: `run ${runId} has no node ${stream}` };
  const world = worldOf(station, station.channels(runId, spec), stream === RUN_STREAM ? null : stream);
  const held = await underLease(station, leaseName(runId, stream), signal, atLeast, (fence, holding, unclaimed) =>
    execute(
      {
        runId,
        node,
        plan,
        onFailure: spec.onFailure,
        fence,
        ...(unclaimed && { claimed: () => station.leases.claimed(leaseName(runId, stream), station.owner, fence) }),
        by: station.owner,
        signal: holding,
        leaving: station.leaving,
        admits,
        inRounds: stream !== RUN_STREAM,
        ...noticesOf(spec),
        ...(spec.adopted && { adopted: spec.adopted }),
        holdMs: HOLD_MS,
      },
      world,
    ),
  );
  // the node has seen a higher fence than Redis knows: Redis lost something, and the counter has to catch up once
  if (held.kind === 'replaced' && held.nodeFence !== undefined && atLeast === 0 && !signal.aborted) {
    return holdStream(station, runId, spec, stream, signal, admits, held.nodeFence);
  }
  return held;
};
