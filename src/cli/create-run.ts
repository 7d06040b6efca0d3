import { UsageError } from '../core/error.ts';
import type { RunSpec } from '../core/event.ts';
import { RUN_STREAM } from '../core/node.ts';
import { fold } from '../core/reduce.ts';
import { beginRun } from '../queue/begin-run.ts';
import { atOnce, batches } from '../queue/at-once.ts';
import type { Reserve } from '../queue/lease.ts';
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
  await beginRun(station, runId, spec, by);
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

const refusalOf = (node: string, answer: Exclude<Reserve, { kind: 'reserved' }>): string =>
  answer.kind === 'taken'
    ? `${node} is in run ${answer.run}, started by ${answer.by} at ${since(answer.sinceMs)}: watch ${answer.run}, or leave the node out with --exclude ${node}`
    : `${node} is held by ${answer.by} since ${since(answer.sinceMs)}: ${answer.why}; drover hold ${node} --release gives it free`;

/** Reserves nodes for a run, all or none; what runs once for the run is no node, and passed over. @throws UsageError that names each node with who has it and since when */
export const reserveNodes = async (drover: Drover, runId: string, nodes: readonly string[], by: string): Promise<void> => {
  const { leases } = drover.station;
  const reserved: string[] = [];
  const refused: string[] = [];
  const reserve = async (node: string): Promise<void> => {
    const own = (await leases.reservation(node))?.run === runId;
    const answer = await reserveOne(drover, runId, node, by);
    // what the run had before is not given back when another node is refused
    if (answer.kind !== 'reserved') refused.push(refusalOf(node, answer));
    else if (!own) reserved.push(node);
  };
  // in one order for everybody, and no further than the first refusals: of two who want the same nodes at once, one gets them
  for (const some of batches(nodes.filter((name) => name !== RUN_STREAM).toSorted())) {
    if (refused.length === 0) await Promise.all(some.map(reserve));
  }
  if (refused.length === 0) return;
  await atOnce(reserved, async (node) => leases.giveBack(node, runId));
  throw new UsageError(refused.join('\n'));
};
