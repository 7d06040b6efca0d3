import { laterId, pendingControl } from './controls.ts';
import type { Control } from './event.ts';
import { RUN_STREAM } from './node.ts';
import type { NodeRun } from './reduce.ts';
import type { RunState } from './standing.ts';

/** What people said to a run, as `advance` needs it. */
export const whatWasSaid = (
  run: NodeRun,
  nodes: Readonly<Record<string, NodeRun>>,
  records: readonly Control[],
): Pick<RunState, 'said' | 'back' | 'pardon'> => {
  const said: Record<string, Control> = {};
  for (const [name, state] of Object.entries(nodes)) {
    const record = pendingControl(records, name, state);
    if (record) said[name] = record;
  }
  // what comes after the nodes begins when they are done, and not because somebody said something to the whole run; a pause may come right before
  const begun = run.plan !== undefined || run.parked !== undefined;
  const own = begun ? pendingControl(records, RUN_STREAM, run) : undefined;
  if (own) said[RUN_STREAM] = own;
  const toAll = records.filter(({ nodes: some }) => some === undefined);
  const back = toAll.findLast(({ type }) => type === 'rollback' || type === 'replay')?.type === 'rollback';
  const ill = Math.max(0, ...Object.values(run.unhealthy).map(({ at }) => at));
  const pardon = toAll.findLast(
    ({ type, at, id }) => type === 'resume' && at >= ill && (run.control === undefined || laterId(id, run.control)),
  );
  return { said, back, ...(pardon && { pardon }) };
};
