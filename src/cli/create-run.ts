import { UsageError } from '../core/error.ts';
import type { RunSpec } from '../core/event.ts';
import { RUN_STREAM } from '../core/node.ts';
import { fold } from '../core/reduce.ts';
import type { Reserve } from '../queue/lease.ts';
import { leaseName, underLease } from '../queue/hold.ts';
import { type Drover, newRunId } from './drover.ts';

/** Says how long ago something was, for people. */
const since = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').slice(0, 19);

/**
 * Reserves all nodes, writes `run.started`, and wakes the run.
 *
 * @returns the run's id
 * @throws UsageError when a node belongs to another run or is held by a person; nothing is reserved then
 */
export const createRun = async (drover: Drover, spec: RunSpec, by: string): Promise<string> => {
  const { station } = drover;
  const runId = newRunId();
  await reserveNodes(
    drover,
    runId,
    spec.nodes.map(({ name }) => name),
    by,
  );
  await underLease(station, leaseName(runId, RUN_STREAM), new AbortController().signal, 0, async (fence) => {
    const event = { type: 'run.started', spec, by } as const;
    return station.journal.append(runId, RUN_STREAM, { afterSeq: 0, fence, nonce: station.nonce() }, event);
  });
  await station.journal.register(runId);
  await station.wakes.run(runId);
  return runId;
};

/** A run that has not begun by then never will: who started it died between its first two writes. One that has ended may be replayed just now. */
const STALE_MS = 60_000;

/** Reserves a node; what a run left behind that has ended, or never began, is no reservation. */
const reserveOne = async ({ station: { leases, journal, clock } }: Drover, runId: string, node: string, by: string): Promise<Reserve> => {
  const answer = await leases.reserve(node, runId, by);
  if (answer.kind !== 'taken') return answer;
  const owner = fold(await journal.read(answer.run, RUN_STREAM));
  const over = owner.spec === undefined || owner.runOutcome !== undefined;
  if (!over || clock.now() - answer.sinceMs < STALE_MS) return answer;
  await leases.giveBack(node, answer.run);
  return leases.reserve(node, runId, by);
};

/** Reserves nodes for a run, all or none. @throws UsageError that names each node with who has it and since when */
export const reserveNodes = async (drover: Drover, runId: string, nodes: readonly string[], by: string): Promise<void> => {
  const reserved: string[] = [];
  const refused: string[] = [];
  for (const node of nodes) {
    const own = (await drover.station.leases.reservation(node))?.run === runId;
    const answer = await reserveOne(drover, runId, node, by);
    // what the run had before is not given back when another node is refused
    if (answer.kind === 'reserved' && !own) reserved.push(node);
    else if (answer.kind === 'reserved') continue;
    else if (answer.kind === 'taken')
      refused.push(
        `${node} is in run ${answer.run}, started by ${answer.by} at ${since(answer.sinceMs)}: watch ${answer.run}, or leave the node out with --exclude ${node}`,
      );
    else
      refused.push(
        `${node} is held by ${answer.by} since ${since(answer.sinceMs)}: ${answer.why}; drover hold ${node} --release gives it free`,
      );
  }
  if (refused.length === 0) return;
  for (const node of reserved) await drover.station.leases.giveBack(node, runId);
  throw new UsageError(refused.join('\n'));
};
