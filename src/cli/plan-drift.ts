import { type Json, canonical, isJsonObject, sameJson } from '../core/json.ts';
import type { NodePreview, Preview } from '../engine/preview.ts';
import type { FrozenNode, FrozenPlan } from './plan-file.ts';
import type { Preflight } from './preflight.ts';
import { printable, shortId, shorten } from '../words/text.ts';

const LONGEST = 160;

/**
 * A state without what the API server changes by itself.
 *
 * `resourceVersion` counts every write to an object, heartbeats included: as a wish it means nothing, as a guard it is read anew before acting.
 */
const steady = (state: Json): Json => {
  if (Array.isArray(state)) return state.map(steady);
  if (!isJsonObject(state)) return state;
  return Object.fromEntries(Object.entries(state).flatMap(([key, value]) => (key === 'resourceVersion' ? [] : [[key, steady(value)]])));
};
const steadyAction = (action: string): string => action.replaceAll(/"resourceVersion":"[^"]*",?/g, '');

const shown = (value: Json | undefined): string => (value === undefined ? 'not there' : shorten(printable(canonical(value)), LONGEST));

/** Where two states differ, a line each: `path: before → now`. */
const differences = (was: Json | undefined, is: Json | undefined, path: readonly string[] = []): readonly string[] => {
  if (was !== undefined && is !== undefined && sameJson(was, is)) return [];
  if (isJsonObject(was) && isJsonObject(is))
    return [...new Set([...Object.keys(was), ...Object.keys(is)])].sort().flatMap((key) => differences(was[key], is[key], [...path, key]));
  return [`${path.length === 0 ? 'its state' : path.join('.')}: ${shown(was)} → ${shown(is)}`];
};

const stands = ({ forecast }: Preview): string => {
  switch (forecast.kind) {
    case 'met':
      return 'as wished';
    case 'not-needed':
      return 'not needed, because nothing inside had to be done';
    case 'later':
      return 'to be looked at after the changes before it';
    case 'acts':
      return `to be done because ${forecast.unmet.join('; ')}`;
    case 'refuses':
      return `refused because ${forecast.unmet.join('; ')}`;
  }
};

/** What changed about one step, in words; empty when the run would do the same to the same. */
const stepDrift = (was: Preview, is: Preview): readonly string[] => {
  if (is.unseen !== undefined) return [`was ${stands(was)} → cannot be looked at now: ${is.unseen}`];
  const [before, now] = [was.forecast, is.forecast];
  // what was approved is the wish: whether there is much or nothing to be done for it changes by itself
  if (is.fleeting === true && before.kind !== 'refuses' && now.kind !== 'refuses') return [];
  if (before.kind !== now.kind) return [`was ${stands(was)} → is ${stands(is)}`];
  // the evidence for what is met may differ in what nobody wished, a disk's free bytes, say
  if (before.kind !== 'acts' || now.kind !== 'acts') return [];
  // an activation restores no state, and the boot is looked at by itself
  const states = was.kind === 'activation' ? [] : differences(steady(was.state), steady(is.state));
  if (states.length > 0) return states;
  if (!sameJson(before.unmet, now.unmet)) return [`was ${stands(was)} → is ${stands(is)}`];
  const [todo, doing] = [before.actions.map(steadyAction), now.actions.map(steadyAction)];
  if (!sameJson(todo, doing)) return [`was to do ${todo.join('; ')} → would do ${doing.join('; ')}`];
  const [back, other] = [before.rollback, now.rollback].map((way) => (typeof way === 'string' ? way : way.map(steadyAction).join('; ')));
  return back === other ? [] : [`was to be taken back by: ${back} → would be taken back by: ${other}`];
};

/** Another machine, or another boot of it under a plan that changes something: what was configured may have taken effect since. */
const machineDrift = ({ hello: was, steps }: FrozenNode, { hello: is }: NodePreview): readonly string[] => {
  if (!was || !is) return [];
  const identity = differences(was.identity, is.identity);
  if (identity.length > 0) return identity.map((line) => `is another machine: ${line}`);
  const changes = steps.some(({ forecast }) => forecast.kind === 'acts');
  return changes && was.bootId !== is.bootId ? [`was rebooted since: boot ${shortId(was.bootId)} → ${shortId(is.bootId)}`] : [];
};

const nodeDrift = (was: FrozenNode, is: NodePreview | undefined): readonly string[] => {
  // whoever cannot be reached is refused for that
  if (!is || is.steps.length === 0) return [];
  const machine = machineDrift(was, is);
  const steps = was.steps.flatMap((step) => {
    const now = is.steps.find(({ id }) => id === step.id);
    return now ? stepDrift(step, now).map((line) => `${step.id}: ${line}`) : [];
  });
  return [...machine, ...steps].map((line) => `${was.node}: ${line}`);
};

/**
 * What of the world is no longer as it was when the plan was approved, per node and step, before → now; empty when nothing that matters.
 *
 * What matters is what the run would do: who the node is, which steps are met, and for a step that acts its state, its reasons, its actions and
 * the way back; with any such step also the boot. What only shows that a step is met may change.
 */
export const worldDrift = (plan: FrozenPlan, found: Preflight): readonly string[] => [
  ...plan.nodes.flatMap((was) =>
    nodeDrift(
      was,
      found.nodes.find(({ node }) => node === was.node),
    ),
  ),
  ...(plan.after && found.after ? nodeDrift({ ...plan.after, node: 'after the nodes' }, found.after) : []),
];
