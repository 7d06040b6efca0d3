import type { Outcome } from './event.ts';
import { isConfirmable } from './guarded.ts';
import type { Json } from './json.ts';
import type { Direction, Plan, PlanItem } from './plan.ts';
import { type NodeRun, type StepState, isSettled } from './reduce.ts';
import type { Awaiting } from './step.ts';

/** What is to be done now; the engine performs it and appends what came of it. */
export type Decision =
  | { readonly do: 'begin'; readonly plan: Direction }
  /** Look at everything inside a bracket: does it have to open? */
  | { readonly do: 'assess'; readonly bracket: string }
  /** Look for the first time. */
  | { readonly do: 'check'; readonly item: PlanItem }
  /** Started before, by somebody who may have died: look first, act only on what is still unmet. */
  | { readonly do: 'converge'; readonly item: PlanItem; readonly before: Json }
  /** Applied: look until it holds. */
  | { readonly do: 'verify'; readonly item: PlanItem; readonly before: Json }
  /** The move has come about: confirm it over a new connection, before anything goes on. */
  | { readonly do: 'confirm'; readonly step: string }
  /** The plan has ended as wished, and a guard is left that nothing needs any more. */
  | { readonly do: 'disarm'; readonly step: string }
  | { readonly do: 'finish'; readonly outcome: Outcome };

/** What a started step is judged against: a change by what was there before the run, an activation, which a replay repeats, by its latest attempt. */
const beforeOf = ({ step }: PlanItem, state: StepState): Json => (step.kind === 'activation' ? state.baseline : state.before) ?? null;

/** Decides what a node needs next; `undefined` when it has ended. Controls that people sent are dealt with before. */
export const next = (plan: Plan, onFailure: 'rollback' | 'pause', run: NodeRun): Decision | undefined => {
  if (run.outcome !== undefined) return undefined;
  if (run.plan === undefined) return { do: 'begin', plan: 'forward' };
  if (run.guard && isConfirmable(plan, run)) return { do: 'confirm', step: run.guard.step };
  for (const item of plan.items) {
    const state = run.steps[item.step.id];
    if (isSettled(state)) continue;
    if (state?.phase === 'failed') {
      return run.plan === 'forward' && onFailure === 'rollback' ? { do: 'begin', plan: 'rollback' } : { do: 'finish', outcome: 'failed' };
    }
    const inBracket = item.role === 'open' || item.role === 'inner';
    if (inBracket && item.bracket !== undefined && !run.openBrackets.includes(item.bracket)) return { do: 'assess', bracket: item.bracket };
    switch (state?.phase) {
      case 'started':
      case 'unknown':
        return { do: 'converge', item, before: beforeOf(item, state) };
      case 'applied':
        return { do: 'verify', item, before: beforeOf(item, state) };
      default:
        return { do: 'check', item };
    }
  }
  if (run.guard) return { do: 'disarm', step: run.guard.step };
  return { do: 'finish', outcome: run.plan === 'forward' ? 'succeeded' : 'rolled-back' };
};

/** The boot-effective changes that stand before a step, with the boot on which this plan applied each. */
export const awaiting = (plan: Plan, item: PlanItem, run: NodeRun): readonly Awaiting[] => {
  const before = plan.items.slice(
    0,
    plan.items.findIndex(({ step }) => step.id === item.step.id),
  );
  return before.flatMap((earlier): Awaiting[] => {
    const { step } = earlier;
    if (step.kind !== 'change' || step.takesEffect !== 'boot') return [];
    const state = run.steps[step.id];
    const appliedOn = state?.appliedInThisPlan === true ? (state.appliedOn ?? null) : null;
    if (earlier.undoes !== undefined) {
      // what never took effect needs no boot to go away
      const forward = run.steps[earlier.undoes];
      if (appliedOn !== null && forward?.appliedOn === appliedOn) return [];
    }
    return [{ step: step.id, appliedOn, ...(step.proof && { proof: step.proof }), ...(step.moves && { moves: true }) }];
  });
};

/**
 * The opened steps of a bracket that must still hold at this point of the plan.
 *
 * Until the bracket's boot, all of them: somebody may have started the kubelet during hours of waiting. After it, those that outlive a boot.
 */
export const heldOpen = (plan: Plan, item: PlanItem, run: NodeRun): readonly PlanItem[] => {
  if (item.role !== 'inner' || item.bracket === undefined) return [];
  const inBracket = plan.items.filter((other) => other.bracket === item.bracket);
  const booted = inBracket.some(({ step }) => {
    const state = run.steps[step.id];
    return step.kind === 'activation' && step.boots && state !== undefined && state.phase !== 'pending' && state.phase !== 'skipped';
  });
  return inBracket.filter(({ role, step }) => role === 'open' && step.kind === 'change' && (!booted || step.outlivesBoot === true));
};

/**
 * Whether opened steps behind this one count as done already: what undid this one may have undone them as well (pods came to a node that somebody
 * uncordoned), so they are looked at once more before anything inside goes on.
 */
export const hasOpenedBehind = (plan: Plan, item: PlanItem, run: NodeRun): boolean =>
  item.role === 'open' &&
  plan.items
    .slice(plan.items.indexOf(item) + 1)
    .some(({ role, bracket, step }) => role === 'open' && bracket === item.bracket && isSettled(run.steps[step.id]));

/**
 * The steps that a replay looks at again: from a step to the end, with the opened steps of its bracket.
 *
 * A failed proof is replayed from the boot before it, because nothing but a boot can change it. Undefined when there is no such step.
 */
export const replayReset = (plan: Plan, from: string): readonly string[] | undefined => {
  const at = plan.items.findIndex(({ step }) => step.id === from);
  const item = plan.items[at];
  if (!item) return undefined;
  let start = at;
  if (item.proves !== undefined) while (start > 0 && plan.items[start]?.step.kind !== 'activation') start -= 1;
  const first = plan.items[start];
  const open = plan.items.filter(({ role, bracket }) => role === 'open' && first?.role === 'inner' && bracket === first.bracket);
  return [...new Set([...open, ...plan.items.slice(start)].map(({ step }) => step.id))];
};
