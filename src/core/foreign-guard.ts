import { type DeadmanStatus, askDeadman, disarmOther, parseDeadman } from './deadman.ts';
import { reading } from './fact.ts';
import { type Change, change } from './step.ts';

type Status = { readonly run: string | null; readonly place: string };

const statusOf = (status: DeadmanStatus): Status =>
  status.guard === 'absent' ? { run: null, place: '' } : { run: status.run, place: status.place };

/**
 * No other run's guard is in force on the node: it would take this run's move back.
 *
 * A run that takes nodes over as they stand ends that guard; any other run is refused, because there is nothing that it may do about it.
 */
export const foreignGuard: Change = change<Status>({
  id: 'guard',
  title: 'no guard of another run',
  wish: 'none',
  observe: () => reading(askDeadman, (result) => statusOf(parseDeadman(result))),
  unmet: (now, _before, { runId, adopted, node }) =>
    now.run === null || now.run === runId
      ? []
      : [
          `the guard of run ${now.run} is in force there${
            adopted === true
              ? ': it ends, and the node stays where it is'
              : `: say drover replay ${now.run} ${node.name}, or drover rollback ${now.run} ${node.name}, or take the node over as it is with drover adopt`
          }`,
        ],
  apply: (now, { runId, adopted }) => (adopted === true && now.run !== null && now.run !== runId ? [disarmOther(now.run)] : []),
  rollback: () => [],
});
