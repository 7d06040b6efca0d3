import type { Control } from './event.ts';
import { RUN_STREAM } from './node.ts';
import type { NodeRun } from './reduce.ts';

/** Whether a node waits for a word because its guard has taken the move back: it has not ended, but is to be done once more. */
export const hasGoneBack = ({ outcome, guard, stuck }: NodeRun): boolean => outcome === undefined && guard?.reverted === true && stuck;

/** Whether a record changes anything for a node as it stands. */
const applies = (record: Control, run: NodeRun): boolean => {
  switch (record.type) {
    case 'answer':
      return run.outcome === undefined && run.plan !== undefined;
    case 'pause':
      return run.outcome === undefined && !run.paused;
    case 'resume':
      return run.outcome === undefined && run.parked !== undefined;
    case 'cancel':
      return run.outcome === undefined;
    case 'rollback':
      // a way back that broke off can be gone once more
      return run.plan === 'forward' || (run.plan === 'rollback' && (run.outcome === 'failed' || run.outcome === 'cancelled'));
    case 'replay':
      // only what was sent after the end: a replay that came too early must not start one hours later
      if (hasGoneBack(run)) return record.at >= (run.parkedAt ?? 0);
      return run.outcome !== undefined && run.outcome !== 'succeeded' && record.at >= (run.endedAt ?? 0);
  }
};

/** Whether a later word of this type takes a record back, while nothing was done about it: what has not begun, and what waits to begin once more. */
const isTakenBackBy = (record: Control, type: Control['type'], run: NodeRun): boolean => {
  if (record.type === 'replay' || record.type === 'rollback') return run.outcome !== undefined && type === 'cancel';
  if (run.plan !== undefined) return false;
  if (record.type === 'cancel') return type === 'replay' || type === 'resume';
  return record.type === 'pause' && (type === 'replay' || type === 'resume' || type === 'cancel');
};

/** Only the last word counts about what has not begun. */
const takenBack = (records: readonly Control[], record: Control, node: string, run: NodeRun): boolean =>
  records.some(
    ({ id, type, nodes }) =>
      isTakenBackBy(record, type, run) &&
      // what comes after the nodes is wanted again as soon as any of them is
      (node === RUN_STREAM || (nodes?.includes(node) ?? true)) &&
      laterId(id, record.id),
  );

/** The first record that a node has not acted on and that means something to it; records are in the order of their ids. */
export const pendingControl = (records: readonly Control[], node: string, run: NodeRun): Control | undefined =>
  records.find(
    (record) =>
      (run.control === undefined || laterId(record.id, run.control)) &&
      (record.nodes?.includes(node) ?? true) &&
      applies(record, run) &&
      !takenBack(records, record, node, run),
  );

/** Orders ids of the form `ms-n`, as Redis makes them. */
export const laterId = (a: string, b: string): boolean => {
  const [aAt, bAt] = [a.indexOf('-'), b.indexOf('-')];
  const later = Number(a.slice(0, aAt)) - Number(b.slice(0, bAt));
  return later === 0 ? Number(a.slice(aAt + 1)) > Number(b.slice(bAt + 1)) : later > 0;
};
