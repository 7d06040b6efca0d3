import { showAction } from '../core/action.ts';
import { guardedIn, movingChange } from '../core/guarded.ts';
import { type Whereabouts, backContext, invert } from '../core/invert.ts';
import type { Plan } from '../core/plan.ts';
import { canonical } from '../core/json.ts';
import type { NodeRun } from '../core/reduce.ts';

/** One step of the way back: its title, and the actions that restore what was there, as far as they can be told before. */
export type StepBack = { readonly title: string; readonly actions: readonly string[] };

/** The way back of a node as people read it; empty when nothing is to be taken back. @throws UsageError past the point of no return */
export const wayBack = (plan: Plan, run: NodeRun, where: Whereabouts): readonly StepBack[] => {
  const back = invert(plan, run, where);
  const guards = guardedIn(back);
  return back.items.map(({ step, undoes }) => {
    const guard = guards.find(({ activation }) => activation.step.id === step.id);
    if (guard?.activation.step.deadman !== undefined && movingChange(guard))
      return {
        title: `${step.title} (under guard: stays where it is unless confirmed within ${guard.activation.step.deadman})`,
        actions: [],
      };
    const original = plan.items.find((item) => item.step.id === undoes)?.step;
    const before = undoes === undefined ? undefined : run.steps[undoes]?.before;
    const actions = original?.kind === 'change' && before !== undefined ? original.rollback(before, backContext(run, where)) : [];
    return { title: step.title, actions: typeof actions === 'string' ? [] : actions.map(showAction) };
  });
};

/**
 * What people can do where drover itself goes back no further: last change first, with the actions that it knows, and where it knows none what was
 * there before.
 *
 * @param cannot tells of an action that it can no longer be done
 */
export const wayByHand = (
  plan: Plan,
  run: NodeRun,
  where: Whereabouts,
  cannot: (action: string) => boolean = () => false,
): readonly StepBack[] =>
  plan.items.toReversed().flatMap(({ step }): readonly StepBack[] => {
    const before = run.steps[step.id]?.before;
    if (step.kind !== 'change' || before === undefined) return [];
    const rollback = step.rollback(before, backContext(run, where));
    const actions = rollback === 'impossible' ? rollback : rollback.map(showAction);
    if (actions === 'impossible' || actions.some(cannot))
      return [{ title: `drover cannot undo: ${step.title}; before it was ${canonical(before)}`, actions: [] }];
    return actions.length === 0 ? [] : [{ title: `undo: ${step.title}`, actions }];
  });

/** Steps of a way back as lines for people. */
export const backLines = (steps: readonly StepBack[], label = ''): readonly string[] =>
  steps.flatMap(({ title, actions }) => [`  - ${title}`, ...actions.map((action) => `      ${label}${action}`)]);
