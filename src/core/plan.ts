import type { Duration } from './duration.ts';
import { UsageError } from './error.ts';
import type { Finding } from './finding.ts';
import { foreignGuard } from './foreign-guard.ts';
import { unguarded } from './guarded.ts';
import { type Json, canonical, sameJson } from './json.ts';
import type { Disruption, Gate, Step } from './step.ts';
import { isUndo } from './undo.ts';

/** Which way a plan goes. */
export type Direction = 'forward' | 'rollback';

/** Where a step stands: by itself, or in a bracket. */
export type Role = 'plain' | 'open' | 'inner' | 'close';

/** A step at its place in a plan. */
export type PlanItem = {
  readonly step: Step;
  readonly role: Role;
  /** The bracket's id, derived from its first opened step. */
  readonly bracket?: string;
  /** Set on a gate that proves a boot-effective change. */
  readonly proves?: string;
  /** Set on a step of a rollback: the step that it takes back. */
  readonly undoes?: string;
};

/** What one node goes through, in order; made anew from the runbook by every worker, checked by its outline. */
export type Plan = { readonly direction: Direction; readonly items: readonly PlanItem[] };

/** What of a plan must not change while a run is under way; `within` may, and stands here for people to see. */
export type Outline = readonly {
  readonly id: string;
  readonly kind: Step['kind'];
  readonly wish: Json;
  readonly within?: Duration;
}[];

/** The outline of a plan. */
export const outline = (plan: Plan): Outline =>
  plan.items.map(({ step: { id, kind, wish, within } }) => ({ id, kind, wish, ...(within !== undefined && { within }) }));

/** Says in words how two outlines differ; empty when they do not. */
export const outlineDrift = (was: Outline, is: Outline): readonly string[] => {
  const missing = was.filter((old) => !is.some((step) => step.id === old.id)).map((old) => `step ${old.id} is gone`);
  const added = is.filter((step) => !was.some((old) => old.id === step.id)).map((step) => `step ${step.id} is new`);
  const changed = is.flatMap((step) => {
    const old = was.find(({ id }) => id === step.id);
    if (!old || (old.kind === step.kind && sameJson(old.wish, step.wish))) return [];
    return [`step ${step.id} wished ${canonical(old.wish)} and now wishes ${canonical(step.wish)}`];
  });
  const all = [...missing, ...added, ...changed];
  const order = (steps: Outline): string => steps.map(({ id }) => id).join(' ');
  return all.length === 0 && order(was) !== order(is) ? [`the order was ${order(was)} and now is ${order(is)}`] : all;
};

/** A plan that guards a move first makes sure that no other run's guard is in force: behind the leading gates, before anything acts. */
const withForeignGuard = (items: readonly PlanItem[]): PlanItem[] => {
  const guards = items.some(({ step }) => step.kind === 'activation' && step.deadman !== undefined);
  if (!guards) return [...items];
  const at = items.findIndex(({ step }) => step.kind !== 'gate');
  return [...items.slice(0, at), { step: foreignGuard, role: 'plain' }, ...items.slice(at)];
};

const bracketId = (part: Disruption): string => `disruption:${part.open[0]?.id ?? part.inner[0]?.id ?? 'empty'}`;

const flatten = (parts: readonly (Step | Disruption)[]): PlanItem[] =>
  parts.flatMap((part): PlanItem[] => {
    if (part.kind !== 'disruption') return [{ step: part, role: 'plain' }];
    const bracket = bracketId(part);
    const as = (role: Role, steps: readonly Step[]): PlanItem[] => steps.map((step) => ({ step, role, bracket }));
    return [...as('open', part.open), ...as('inner', part.inner), ...as('close', part.close)];
  });

/** Puts each proof right behind the activation after its change that makes it effective: one that boots, or for `reload` any. */
const placeProofs = (items: readonly PlanItem[]): { readonly placed: readonly PlanItem[]; readonly refused: readonly Finding[] } => {
  const placed: PlanItem[] = [];
  let owed: { readonly proof: Gate; readonly of: string; readonly reload: boolean }[] = [];
  for (const item of items) {
    placed.push(item);
    const { step } = item;
    if (step.kind === 'change' && step.proof) owed.push({ proof: step.proof, of: step.id, reload: step.takesEffect === 'reload' });
    if (step.kind === 'activation') {
      const place = { role: item.role, ...(item.bracket !== undefined && { bracket: item.bracket }) };
      const due = owed.filter(({ reload }) => step.boots || reload);
      placed.push(...due.map(({ proof, of }) => ({ step: proof, ...place, proves: of })));
      owed = owed.filter((one) => !due.includes(one));
    }
  }
  const refused = owed.map(({ proof, of, reload }): Finding => {
    const lacks = reload ? 'comes after it; add reload()' : 'that boots the node comes after it; add reboot()';
    return {
      rule: 'unproven',
      step: of,
      message: `the proof ${proof.id} of step ${of} can never run: no activation ${lacks} behind ${of}`,
    };
  });
  return { placed, refused };
};

const wrongIds = (items: readonly PlanItem[]): readonly Finding[] =>
  items.flatMap(({ step: { id } }, index): Finding[] => {
    const refuse = (message: string): Finding[] => [{ rule: 'ids', step: id, message }];
    if (items.findIndex(({ step }) => step.id === id) < index)
      return refuse(`two steps have the id ${id}; ids are the journal's keys and must be unique`);
    if (id === foreignGuard.id) return refuse(`the id ${id} is kept for the guard of address moves`);
    return isUndo(id) ? refuse(`the id ${id} begins with undo., which is kept for rollbacks`) : [];
  });

/** Lays steps out, and tells all that keeps them from being a plan. */
export const tryLayOut = (parts: readonly (Step | Disruption)[]): { readonly plan: Plan; readonly refused: readonly Finding[] } => {
  const { placed, refused } = placeProofs(flatten(parts));
  const plan: Plan = { direction: 'forward', items: withForeignGuard(placed) };
  return { plan, refused: [...refused, ...wrongIds(placed), ...unguarded(plan)] };
};

/**
 * Lays a runbook's steps out as a plan.
 *
 * @throws UsageError when ids are not unique, a proof can never run, or a `deadman` would guard nothing.
 */
export const layOut = (parts: readonly (Step | Disruption)[]): Plan => {
  const { plan, refused } = tryLayOut(parts);
  const [first] = refused;
  if (first) throw new UsageError(first.message);
  return plan;
};
