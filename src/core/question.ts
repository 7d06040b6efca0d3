import type { Asked } from './asked.ts';
import { type NodeRun, isSettled } from './reduce.ts';
import { isUndo } from './undo.ts';

/** A step, and what it asks. */
export type Question = { readonly step: string; readonly asked: Asked };

/** What a step has asked a person in the plan that runs and an answer still counts for, also where one was given; undefined when there is none. */
export const askedNow = (run: NodeRun): Question | undefined => {
  if (run.outcome !== undefined || run.plan === undefined) return undefined;
  for (const [step, state] of Object.entries(run.steps)) {
    // what the way there has asked is no question any more on the way back
    if (state.asked === undefined || isUndo(step) !== (run.plan === 'rollback')) continue;
    if (!isSettled(state) && state.phase !== 'failed') return { step, asked: state.asked };
  }
  return undefined;
};

/** What a step asks a person now; undefined when nothing is asked, or it was answered and something else keeps the step since. */
export const openQuestion = (run: NodeRun): Question | undefined => {
  const question = askedNow(run);
  const { answer, blocked = [] } = (question && run.steps[question.step]) ?? {};
  return answer !== undefined && blocked.length > 0 ? undefined : question;
};
