import { type Action, showAction } from '../core/action.ts';
import { confirmDeadman } from '../core/deadman.ts';
import { type ConnectionError, DroverError, UsageError } from '../core/error.ts';
import { showMs } from '../core/duration.ts';
import {
  type Guarded,
  UNGUARDED,
  armCommand,
  guardFor,
  guardedIn,
  lostOrigin,
  movingChange,
  movingProof,
  originOf,
} from '../core/guarded.ts';
import type { Json } from '../core/json.ts';
import type { Node } from '../core/node.ts';
import type { Plan, PlanItem } from '../core/plan.ts';
import type { Hello } from '../core/ports.ts';
import { type Awaiting, type StepContext, withinMs } from '../core/step.ts';
import { type Seen, look } from './look.ts';
import { foretell } from './outlook.ts';
import { LOOK_MS } from './session.ts';
import type { World } from './world.ts';
import { refusedBy } from './refusals.ts';

/** What a run would do about one step. */
export type Forecast =
  /** Already as wished. */
  | { readonly kind: 'met' }
  /** The bracket around it would not open. */
  | { readonly kind: 'not-needed' }
  /** Would act: the exact actions now, and what would take them back. */
  | {
      readonly kind: 'acts';
      readonly unmet: readonly string[];
      readonly actions: readonly string[];
      readonly rollback: readonly string[] | 'impossible' | 'itself';
    }
  /** A gate that is looked at later, when what stands before it has been done. */
  | { readonly kind: 'later' }
  /** A gate that does not hold now, and is asked before anything is touched. */
  | { readonly kind: 'refuses'; readonly unmet: readonly string[] };

/** One line of a plan that is shown. */
export type Preview = {
  readonly id: string;
  readonly title: string;
  readonly kind: PlanItem['step']['kind'];
  readonly role: PlanItem['role'];
  readonly proves: string | null;
  readonly forecast: Forecast;
  /** What was seen; null also where the look failed. */
  readonly state: Json;
  /** Why it could not be looked at. */
  readonly unseen?: string;
  /** How it is likely to go. */
  readonly outlook?: readonly string[];
  /** The state changes by itself all the time. */
  readonly fleeting?: true;
};

/** A node's plan as it stands now. `refusals` is empty when a run may begin. */
export type NodePreview = {
  readonly node: string;
  readonly hello: Hello | null;
  readonly steps: readonly Preview[];
  readonly refusals: readonly string[];
};

/** An action in one line; of what a person is asked also how long that may take, where nobody has said so. */
const shownAction = (step: PlanItem['step'], action: Action): string => {
  const ownBound = action.via === 'person' && step.within === undefined;
  return `${showAction(action)}${ownBound ? ` (may take ${showMs(withinMs(step, true))}: the runbook sets no bound)` : ''}`;
};

const firstChange = (plan: Plan): number => {
  const at = plan.items.findIndex(({ step }) => step.kind !== 'gate');
  return at === -1 ? plan.items.length : at;
};

/** Looks at all steps of a plan, one by one where one of them cannot be looked at. */
const lookAtAll = async (
  world: World,
  items: readonly PlanItem[],
  ctx: StepContext,
  signal: AbortSignal,
): Promise<readonly (Seen | DroverError)[]> => {
  const options = { signal, timeoutMs: LOOK_MS };
  try {
    return await look(
      world,
      items.map(({ step }) => step.observe(ctx)),
      options,
    );
  } catch (error) {
    if (!(error instanceof DroverError)) throw error;
    const each: (Seen | DroverError)[] = [];
    for (const { step } of items) {
      each.push(
        await look(world, [step.observe(ctx)], options).then(
          ([seen]) => seen ?? new UsageError(`step ${step.id} could not be looked at`),
          (failed: unknown) => {
            if (failed instanceof DroverError) return failed;
            throw failed;
          },
        ),
      );
    }
    return each;
  }
};

/**
 * Tells what a run would do to one node, without changing anything.
 *
 * @throws ConnectionError when the node cannot be reached as itself
 */
export const preview = async (
  world: World,
  plan: Plan,
  node: Node,
  runId: string,
  signal: AbortSignal,
  how: { readonly afterRun?: boolean; readonly adopted?: boolean } = {},
): Promise<NodePreview> => {
  let hello: Hello | null = null;
  if (world.node) {
    const memory = await world.memory.recall(node.name);
    const addresses = [...new Set([...node.addresses, ...memory.addresses])];
    hello = await world.node.hello({ name: node.name, addresses, identity: memory.identity }, { signal, timeoutMs: LOOK_MS });
  }
  const proofs = plan.items.flatMap(({ step }): Awaiting[] =>
    step.kind === 'change' && step.takesEffect === 'boot'
      ? [{ step: step.id, appliedOn: null, ...(step.proof && { proof: step.proof }), ...(step.moves && { moves: true }) }]
      : [],
  );
  const base: StepContext = {
    runId,
    direction: 'forward',
    node,
    answers: {},
    awaiting: proofs,
    nowMs: world.clock.now(),
    ...(how.adopted === true && { adopted: true }),
  };
  const seen = await lookAtAll(world, plan.items, base, signal);
  const stateAt = (index: number): Json | DroverError => {
    const one = seen[index];
    return one === undefined ? null : one instanceof DroverError ? one : one.state;
  };
  const unmetAt = (index: number, ctx: StepContext): readonly string[] => {
    const item = plan.items[index];
    const state = stateAt(index);
    if (!item) return [];
    return state instanceof DroverError ? [state.message] : item.step.unmet(state, state, ctx);
  };
  // a change that would be applied now would wait for a boot from now on
  const wouldAwait = proofs.map((proof): Awaiting => {
    const index = plan.items.findIndex(({ step }) => step.id === proof.step);
    return hello && unmetAt(index, base).length > 0 ? { ...proof, appliedOn: hello.bootId } : proof;
  });
  const ctx: StepContext = { ...base, awaiting: wouldAwait };
  const needed = new Set(
    plan.items.flatMap(({ step, role, proves, bracket }, index) =>
      bracket !== undefined && role === 'inner' && (step.kind !== 'gate' || proves !== undefined) && unmetAt(index, ctx).length > 0
        ? [bracket]
        : [],
    ),
  );
  const before = firstChange(plan);
  const originIn = (group: Guarded): ReturnType<typeof originOf> | undefined => {
    const moving = movingChange(group);
    const proof = movingProof(plan, group);
    const state = moving ? stateAt(plan.items.indexOf(moving)) : null;
    if (state instanceof DroverError) return undefined;
    return originOf(group, state, proof === undefined || unmetAt(plan.items.indexOf(proof), ctx).length === 0);
  };
  const lost = guardedIn(plan).filter((group) => originIn(group) === 'lost');
  // what is done on the node for the guard belongs to what a run would do there
  const armedBefore = (item: PlanItem): readonly string[] => {
    const group = guardFor(plan, item);
    const moving = group && movingChange(group);
    const state = moving ? stateAt(plan.items.indexOf(moving)) : null;
    if (!group || state instanceof DroverError || originIn(group) !== 'known') return [];
    const first = [...group.changes, group.activation].find((one) => unmetAt(plan.items.indexOf(one), ctx).length > 0);
    return first === item ? [showAction(armCommand(plan, group, state))] : [];
  };
  const confirmedBehind = (item: PlanItem): readonly string[] => {
    const group = guardFor(plan, item);
    const origin = group?.activation === item ? originIn(group) : undefined;
    if (origin === 'lost') return [`(${UNGUARDED})`];
    return origin === 'known' ? [`${showAction(confirmDeadman(item.step.id))} (over a new connection, when all proofs hold)`] : [];
  };
  const forecast = (item: PlanItem, index: number): Forecast => {
    const { step, role, bracket } = item;
    const opens = bracket === undefined || needed.has(bracket);
    if (role === 'open' && !opens) return { kind: 'not-needed' };
    const state = stateAt(index);
    const unmet = unmetAt(index, ctx);
    if (step.kind === 'gate') {
      if (unmet.length === 0 && (bracket === undefined || !opens)) return { kind: 'met' };
      return index < before && !how.afterRun ? { kind: 'refuses', unmet } : { kind: 'later' };
    }
    // what closes an open bracket undoes what opened it, so its state now says nothing
    if (unmet.length === 0 && !(role === 'close' && opens && bracket !== undefined)) return { kind: 'met' };
    if (state instanceof DroverError) return index === before || !state.transient ? { kind: 'refuses', unmet } : { kind: 'later' };
    if (unmet.length === 0) return { kind: 'later' };
    const actions = step.apply(state, ctx);
    // a wish that nothing can be done about is known not to work
    if (actions.length === 0) return { kind: 'refuses', unmet };
    const rollback = step.kind === 'activation' ? 'itself' : step.rollback(state, ctx);
    return {
      kind: 'acts',
      unmet,
      actions: [...armedBefore(item), ...actions.map((action) => shownAction(step, action)), ...confirmedBehind(item)],
      rollback: typeof rollback === 'string' ? rollback : rollback.map(showAction),
    };
  };
  const shown = plan.items.map((item, index): Preview => {
    const state = stateAt(index);
    return {
      id: item.step.id,
      title: item.step.title,
      kind: item.step.kind,
      role: item.role,
      proves: item.proves ?? null,
      forecast: forecast(item, index),
      ...(item.step.fleeting && { fleeting: item.step.fleeting }),
      ...(state instanceof DroverError ? { state: null, unseen: state.message } : { state }),
    };
  });
  const steps = await foretell(world, plan, shown, ctx, signal);
  const refusals = [...refusedBy(steps), ...(how.adopted ? [] : lost.map(lostOrigin))];
  return { node: node.name, hello, steps, refusals };
};

/** A node that could not be looked at, as a preview that refuses. */
export const unreachable = (node: string, error: ConnectionError): NodePreview => ({
  node,
  hello: null,
  steps: [],
  refusals: [error.message.replace(`cannot reach ${node}: `, 'cannot be reached: ')],
});
