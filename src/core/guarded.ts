import { type Move, armDeadman, movedBack } from './deadman.ts';
import type { NodeCommand } from './command.ts';
import { UsageError } from './error.ts';
import type { Finding } from './finding.ts';
import { type Json, sameJson } from './json.ts';
import type { Plan, PlanItem } from './plan.ts';
import { type NodeRun, isSettled } from './reduce.ts';
import type { Activation, Change } from './step.ts';

/** An activation with a `deadman`, with the changes that its guard takes back: those that move the node, and those whose files go along. */
export type Guarded = {
  readonly activation: PlanItem & { readonly step: Activation };
  readonly changes: readonly (PlanItem & { readonly step: Change })[];
};

const isChange = (item: PlanItem): item is PlanItem & { readonly step: Change } => item.step.kind === 'change';
const isActivation = (item: PlanItem): item is PlanItem & { readonly step: Activation } => item.step.kind === 'activation';

/** All that is guarded in a plan, in order: changes belong to the next activation behind them. */
export const guardedIn = (plan: Plan): readonly Guarded[] => {
  const found: Guarded[] = [];
  let changes: (PlanItem & { readonly step: Change })[] = [];
  for (const item of plan.items) {
    if (isChange(item) && (item.step.moves !== undefined || item.step.files !== undefined)) changes.push(item);
    if (!isActivation(item)) continue;
    if (item.step.deadman !== undefined) found.push({ activation: item, changes });
    changes = [];
  }
  return found;
};

/** What must be under guard before a step acts; undefined when nothing is at stake by it. */
export const guardFor = (plan: Plan, item: PlanItem): Guarded | undefined =>
  guardedIn(plan).find(
    ({ activation, changes }) =>
      changes.some(({ step }) => step.moves !== undefined) &&
      (activation.step.id === item.step.id || changes.some(({ step }) => step.id === item.step.id)),
  );

/** The change of a guarded group that moves the node: the last one. */
export const movingChange = ({ changes }: Guarded): (PlanItem & { readonly step: Change }) | undefined =>
  changes.findLast(({ step }) => step.moves?.guarded !== undefined);

/** Every `deadman` that would guard nothing. */
export const unguarded = (plan: Plan): readonly Finding[] =>
  guardedIn(plan).flatMap((group): Finding[] => {
    const { id, deadman } = group.activation.step;
    if (movingChange(group) !== undefined) return [];
    const message = `step ${id} asks for deadman: ${deadman}, but no change before it moves the node to another address, so there is nothing that the node could take back; take it out, or put address() before ${id}`;
    return [{ rule: 'deadman', step: id, message }];
  });

/**
 * The command that puts a group under guard, from what its moving change found before this run.
 *
 * @throws UsageError when what was there before cannot be told, so that there would be no way back
 */
export const armCommand = (plan: Plan, group: Guarded, before: Json): NodeCommand => {
  const { step } = group.activation;
  const moving = movingChange(group);
  const move: Move | undefined = moving?.step.moves?.guarded?.(before);
  if (move === undefined || step.deadman === undefined)
    throw new UsageError(
      `${step.title}: the guard cannot be set, because it cannot be told where ${moving?.step.title ?? step.id} comes from`,
    );
  const back = plan.direction === 'rollback';
  return armDeadman(step.id, back ? movedBack(move) : move, {
    deadman: step.deadman,
    direction: back ? 'back' : 'forward',
    files: group.changes.flatMap((item) => item.step.files ?? []),
  });
};

/**
 * What is known of where a guarded group comes from, by the state that its moving change had before this run.
 *
 * `known` both places are · `arrived` it was configured before, and its proof holds: nothing moves · `lost` it was configured before and is not in
 * effect yet: what was there before that nobody knows, so the guard would have no way back.
 */
export const originOf = (group: Guarded, before: Json, proofHolds: boolean): 'known' | 'arrived' | 'lost' => {
  const move = movingChange(group)?.step.moves?.guarded?.(before);
  if (move === undefined || !sameJson({ ...move.old }, { ...move.new })) return 'known';
  return proofHolds ? 'arrived' : 'lost';
};

/** The gate that proves the moving change of a group. */
export const movingProof = (plan: Plan, group: Guarded): PlanItem | undefined => {
  const moving = movingChange(group);
  return plan.items.find(({ proves }) => proves !== undefined && proves === moving?.step.id);
};

/** Why a group whose origin is lost is not begun, and the two ways out. */
export const lostOrigin = (group: Guarded): string => {
  const { step } = group.activation;
  const title = movingChange(group)?.step.title ?? step.title;
  return `${title}: was configured before this run and is not in effect yet, so the guard that ${step.title} asks for would not know the way back; configure the old address again, or take the node over as it is, without a guard, with drover adopt`;
};

/** What is said where a node is taken over whose origin is lost. */
export const UNGUARDED = 'no guard: its address was configured before, so the node does not know the way back';

/** The activation and the proofs behind it: the move is confirmed when all of them hold. */
const confirming = (plan: Plan, activation: string): readonly PlanItem[] => {
  const at = plan.items.findIndex(({ step }) => step.id === activation);
  const rest = plan.items.slice(at + 1);
  const end = rest.findIndex(({ proves }) => proves === undefined);
  return at < 0 ? [] : plan.items.slice(at, at + 1 + (end < 0 ? rest.length : end));
};

/** Whether the move that the armed guard watches has come about: its activation has acted, and it and all its proofs hold. */
export const isConfirmable = (plan: Plan, run: NodeRun): boolean => {
  if (run.guard === undefined || run.guard.reverted || run.guard.bootId === null) return false;
  const items = confirming(plan, run.guard.step);
  return items.length > 0 && items.every(({ step }) => isSettled(run.steps[step.id]));
};

/** Whether the armed guard watches a move of this plan. */
export const isGuarding = (plan: Plan, run: NodeRun): boolean =>
  run.guard !== undefined && plan.items.some(({ step }) => step.id === run.guard?.step);

/** What a revert opens again: the changes that the guard has taken back, the activation, all behind it, and what its bracket had opened. */
export const reopenedByRevert = (plan: Plan, activation: string): readonly string[] => {
  const group = guardedIn(plan).find(({ activation: { step } }) => step.id === activation);
  const at = plan.items.findIndex(({ step }) => step.id === activation);
  if (group === undefined || at < 0) return [];
  const { bracket } = group.activation;
  const open = plan.items.filter(({ role, bracket: of }) => role === 'open' && bracket !== undefined && of === bracket);
  return [...open, ...group.changes, ...plan.items.slice(at)].map(({ step }) => step.id);
};

/** What a person has to know when a node ends with its guard armed; it stays so, because the move has neither come about nor been taken back. */
export const guardLeft = ({ guard }: NodeRun): string | undefined =>
  guard === undefined
    ? undefined
    : guard.reverted
      ? 'the node has gone back to its old address, and its guard keeps it there'
      : guard.bootId === null
        ? 'the guard on the node may be armed, for nobody has heard how that ended: the node returns to its old address by itself then, once the move has taken effect (to end the guard by hand, on the node: rm /var/lib/drover/armed)'
        : 'the guard on the node is still armed: unless the node is replayed or rolled back, it returns to its old address by itself after the next boot (to end the guard by hand, on the node: rm /var/lib/drover/armed)';
