import { UsageError } from './error.ts';
import { bareAddress } from './ipv4.ts';
import { type Json, canonical, sameJson } from './json.ts';
import type { Node } from './node.ts';
import type { Plan, PlanItem } from './plan.ts';
import type { NodeRun } from './reduce.ts';
import type { Activation, Change, Gate, StepContext } from './step.ts';
import { REOPEN, UNDO } from './undo.ts';

const place = (item: PlanItem): Pick<PlanItem, 'bracket'> => (item.bracket === undefined ? {} : { bracket: item.bracket });

/** What still differs from `before`, in the step's own words or as the two states. */
export const unrestored = (step: Change | Gate, now: Json, before: Json, ctx: StepContext): readonly string[] => {
  if (step.restored) return step.restored(now, before, ctx);
  return sameJson(now, before) ? [] : [`${step.title}: is ${canonical(now)}, was ${canonical(before)} before`];
};

/** Whose way back it is. */
export type Whereabouts = { readonly runId: string; readonly node: Node };

/** What a step may know when it is asked for its rollback. */
export const backContext = (run: NodeRun, { runId, node }: Whereabouts): StepContext => ({
  runId,
  node,
  direction: 'back',
  answers: run.answers,
  awaiting: [],
});

/**
 * A gate on the way back holds when it sees what it saw before the run.
 *
 * Where a change stays that was found in place (`stays`), a boot may have made it effective meanwhile: then what the run wished is as good.
 */
const undoGate = (item: PlanItem, gate: Gate, before: Json, stays: boolean): PlanItem => ({
  role: 'plain',
  ...place(item),
  undoes: gate.id,
  ...(item.proves !== undefined && { proves: UNDO + item.proves }),
  step: {
    kind: 'gate',
    id: UNDO + gate.id,
    title: `as before the run${stays ? ', or as wished' : ''}: what “${gate.title}” looks at`,
    wish: before,
    within: gate.within ?? '5m',
    observe: (ctx) => gate.observe(ctx),
    unmet: (now, _before, ctx) => {
      const unlike = unrestored(gate, now, before, ctx);
      return stays && unlike.length > 0 && gate.unmet(now, now, ctx).length === 0 ? [] : unlike;
    },
  },
});

/** Where a node is when its move has been taken back, as far as that can be told. */
const movedTo = (step: Change, before: Json): string => {
  const old = step.moves?.guarded?.(before)?.old.address;
  return typeof old === 'string' ? bareAddress(old) : (step.moves?.to ?? '');
};

/** On the way back it is the first state, not the one to be restored, that tells both places. */
const guardedBack = ({ moves }: Change, before: Json): Pick<NonNullable<Change['moves']>, 'guarded'> =>
  moves?.guarded === undefined ? {} : { guarded: () => moves.guarded?.(before) };

const undoChange = (item: PlanItem, step: Change, before: Json, proof: Gate | undefined): PlanItem => ({
  role: 'plain',
  ...place(item),
  undoes: step.id,
  step: {
    kind: 'change',
    id: UNDO + step.id,
    title: `undo: ${step.title}`,
    wish: before,
    ...(step.within !== undefined && { within: step.within }),
    ...(step.takesEffect !== undefined && { takesEffect: step.takesEffect }),
    observe: (ctx) => step.observe(ctx),
    unmet: (now, _before, ctx) => unrestored(step, now, before, ctx),
    apply: (now, ctx) => {
      const actions = step.rollback(before, ctx, now);
      return actions === 'impossible' ? [] : actions;
    },
    rollback: () => 'impossible',
    ...(step.files !== undefined && { files: step.files }),
    ...(step.moves !== undefined && { moves: { to: movedTo(step, before), ...guardedBack(step, before) } }),
    ...(proof && { proof }),
  },
});

const undoActivation = (item: PlanItem, step: Activation): PlanItem => ({
  role: 'plain',
  ...place(item),
  undoes: step.id,
  step: { ...step, id: UNDO + step.id, title: `${step.title}, for what was restored` },
});

/** Opened steps are opened again before anything inside is taken back: the node may have been uncordoned since. */
const reopen = (item: PlanItem, step: Change): PlanItem => ({
  role: 'plain',
  ...place(item),
  step: { ...step, id: REOPEN + step.id, title: `${step.title}, for the way back`, rollback: () => [] },
});

/**
 * The way back as a plan of its own, run by the same loop: restored changes in reverse, a boot if one had made them effective, the gates as
 * they were before, and what was opened first (the cordon) last.
 *
 * @throws UsageError naming the step past which there is no way back; nothing is touched then
 */
export const invert = (plan: Plan, run: NodeRun, where: Whereabouts): Plan => {
  const ctx = backContext(run, where);
  const beforeOf = (item: PlanItem): Json | undefined => (item.step.kind === 'gate' ? undefined : run.steps[item.step.id]?.before);
  const undo = (item: PlanItem): PlanItem[] => {
    const before = beforeOf(item);
    const { step } = item;
    if (before === undefined || step.kind !== 'change') return [];
    const actions = step.rollback(before, ctx);
    if (actions === 'impossible') {
      throw new UsageError(
        `${ctx.node.name}: step ${step.id} (${step.title}) cannot be taken back: it is past the point of no return, so drover rolls nothing back here; see drover where ${ctx.node.name} for the way by hand`,
      );
    }
    if (actions.length === 0) return [];
    const proofBefore = step.proof && run.bracketBefore[step.proof.id];
    const proof = step.proof?.restored && proofBefore !== undefined ? undoGate(item, step.proof, proofBefore, false).step : undefined;
    return [undoChange(item, step, before, proof?.kind === 'gate' ? proof : undefined)];
  };
  const gatesBefore = (items: readonly PlanItem[]): PlanItem[] => {
    const staying = items
      .filter(({ step }) => step.kind === 'change' && step.takesEffect === 'boot' && run.steps[step.id]?.phase === 'skipped')
      .map(({ step }) => step.id);
    return items.flatMap((item) => {
      const before = run.bracketBefore[item.step.id];
      const stays = item.proves === undefined ? staying.length > 0 : staying.includes(item.proves);
      return item.step.kind === 'gate' && item.step.restored && before !== undefined ? [undoGate(item, item.step, before, stays)] : [];
    });
  };
  const boots = (items: readonly PlanItem[]): PlanItem[] =>
    items.flatMap((item) =>
      item.step.kind === 'activation' && run.steps[item.step.id]?.before !== undefined ? [undoActivation(item, item.step)] : [],
    );

  const back: PlanItem[] = [];
  const done = new Set<string>();
  // outside of brackets, an activation follows on the undoing of the changes that stood before it
  let plain: { readonly activation: readonly PlanItem[]; readonly undone: PlanItem[] } = { activation: [], undone: [] };
  const endPlain = (activation: readonly PlanItem[] = []): void => {
    back.push(...plain.undone, ...(plain.undone.length > 0 ? boots(plain.activation) : []));
    plain = { activation, undone: [] };
  };
  for (const item of plan.items.toReversed()) {
    if (item.bracket === undefined) {
      if (item.step.kind === 'activation') endPlain([item]);
      plain.undone.push(...undo(item));
      continue;
    }
    if (done.has(item.bracket)) continue;
    endPlain();
    done.add(item.bracket);
    const all = plan.items.filter(({ bracket }) => bracket === item.bracket);
    const [first, ...rest] = all.filter(({ role }) => role === 'open');
    const inner = all.filter(({ role }) => role === 'inner').toReversed();
    const takenBack = inner.flatMap(undo);
    if (takenBack.length > 0) {
      for (const { step, ...where } of all) {
        if (where.role === 'open' && step.kind === 'change' && run.steps[step.id]?.before !== undefined)
          back.push(reopen({ step, ...where }, step));
      }
    }
    const opened = first ? undo(first) : [];
    const gates = takenBack.length + opened.length > 0 ? gatesBefore(all) : [];
    // a move is confirmed by what stands right behind its boot
    const proofs = gates.filter(({ proves }) => proves !== undefined);
    back.push(...takenBack, ...(takenBack.length > 0 ? boots(inner) : []), ...proofs);
    back.push(...rest.toReversed().flatMap(undo), ...gates.filter(({ proves }) => proves === undefined), ...opened);
  }
  endPlain();
  return { direction: 'rollback', items: back };
};
