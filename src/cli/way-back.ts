import { showAction } from '../core/action.ts';
import { type Whereabouts, backContext, invert } from '../core/invert.ts';
import type { Plan } from '../core/plan.ts';
import type { NodeRun } from '../core/reduce.ts';

/** One step of the way back: its title, and the actions that restore what was there, as far as they can be told before. */
export type StepBack = { readonly title: string; readonly actions: readonly string[] };

/** The way back of a node as people read it; empty when nothing is to be taken back. @throws UsageError past the point of no return */
export const wayBack = (plan: Plan, run: NodeRun, where: Whereabouts): readonly StepBack[] =>
  invert(plan, run, where).items.map(({ step, undoes }) => {
    const original = plan.items.find((item) => item.step.id === undoes)?.step;
    const before = undoes === undefined ? undefined : run.steps[undoes]?.before;
    const actions = original?.kind === 'change' && before !== undefined ? original.rollback(before, backContext(run, where)) : [];
    return { title: step.title, actions: typeof actions === 'string' ? [] : actions.map(showAction) };
  });
