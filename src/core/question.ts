import type { Asked } from './asked.ts';
import { type NodeRun, isSettled } from './reduce.ts';
import { isUndo } from './undo.ts';

/** What a step asks a person now, in the plan that runs; undefined when nothing is asked. */
export const openQuestion = (run: NodeRun): { readonly step: string; readonly asked: Asked } | undefined => {
  if (run.outcome !== undefined || run.plan === undefined) return undefined;
  for (const [step, state] of Object.entries(run.steps)) {
    // what the way there has asked is no question any more on the way back
    if (state.asked === undefined || isUndo(step) !== (run.plan === 'rollback')) continue;
    if (!isSettled(state) && state.phase !== 'failed') return { step, asked: state.asked };
  }
  return undefined;
};
