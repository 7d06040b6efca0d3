import { CancelledError, ClusterError, type DroverError, UnmetError } from '../core/error.ts';
import type { Action, Ask } from '../core/action.ts';
import { type Asking, isAsked } from '../core/asked.ts';
import type { ControlCommand, NodeCommand } from '../core/command.ts';
import type { Plan, PlanItem } from '../core/plan.ts';
import { type Activation, type Change, withinMs } from '../core/step.ts';
import { evict, noteBlockers } from './evict.ts';
import { type Hold, contextOf } from './hold.ts';
import { type NodeAnswers, type Seen, look, nodeQuestions } from './look.ts';
import { cancelWatch, failure, onNode } from './on-node.ts';
import { openOutput } from './output.ts';
import { COMMAND_MS, LOOK_MS, otherwiseOf } from './session.ts';

/** A step that acts, at its place in the plan. */
export type Acting = PlanItem & { readonly step: Change | Activation };

/** How the actions of a step went; what came of them is for a look to tell. */
export type Acted =
  | { readonly kind: 'done'; readonly answers: NodeAnswers }
  /** A program ended with another exit code than 0, or not in time, or the API refused: if the wish does not hold now, this is why. */
  | { readonly kind: 'refused'; readonly error: DroverError }
  | { readonly kind: 'unknown'; readonly why: string }
  /** The durable command is not there, or is gone without an exit status. */
  | { readonly kind: 'absent'; readonly why: string }
  /** The world moved on between look and action: look again. */
  | { readonly kind: 'stale'; readonly why: string }
  | { readonly kind: 'replaced'; readonly why: string; readonly nodeFence: number }
  | { readonly kind: 'asked' }
  /** Under way, and nothing but time helps; the same may be done again. `why` says who or what keeps it. */
  | { readonly kind: 'pending'; readonly why: readonly string[]; readonly againInMs?: number };

const onController = async (hold: Hold, item: PlanItem, action: ControlCommand): Promise<Acted> => {
  const { assignment, world } = hold.session;
  const { step } = item;
  const output = openOutput(hold.session, step.id);
  const stop = new AbortController();
  const watch = cancelWatch(hold, stop).catch(() => undefined);
  try {
    const result = await world.control.run(action, {
      signal: AbortSignal.any([assignment.signal, stop.signal]),
      // an activation waits for the node besides, in the same time
      timeoutMs: step.kind === 'activation' ? COMMAND_MS : Math.max(COMMAND_MS, withinMs(step, false)),
      onLine: (line) => output.line(line),
    });
    if (result.exitCode !== 0) return { kind: 'refused', error: failure(assignment.node.name, step.title, action.masked, result) };
    return { kind: 'done', answers: new Map() };
  } catch (error) {
    if (error instanceof CancelledError && stop.signal.aborted) return { kind: 'unknown', why: error.message };
    throw error;
  } finally {
    // a reason of its own, because abort() without one makes an error with a stack
    stop.abort('the command has ended');
    await watch;
    await output.close(false);
  }
};

const ask = async (hold: Hold, item: PlanItem, action: Ask): Promise<Acted> => {
  const { session } = hold;
  const { step } = item;
  const { via: _via, ...ask } = action;
  const state = session.run().steps[step.id];
  const startedAt = state?.startedAt ?? session.world.clock.now();
  const asking: Asking = {
    ...ask,
    untilMs: startedAt + withinMs(step, true),
    ...(step.within === undefined && { byDefault: true }),
    otherwise: otherwiseOf(session),
  };
  if (!isAsked(state?.asked, asking, startedAt)) await session.append({ type: 'step.asked', step: step.id, ...asking });
  if (session.run().parked === undefined) await session.append({ type: 'node.parked', waitsFor: action.instructions, clears: 'by-itself' });
  return { kind: 'asked' };
};

const perform = async (hold: Hold, item: PlanItem, action: Action, seen: Seen, reads: readonly NodeCommand[]): Promise<Acted> => {
  const { assignment, world } = hold.session;
  switch (action.via) {
    case 'ssh':
      return onNode(hold, item, action, reads, { bootId: seen.bootId ?? (await hold.session.hello()).bootId });
    case 'control':
      return onController(hold, item, action);
    case 'kubernetes': {
      const response = await world.cluster.call(action, { signal: assignment.signal, timeoutMs: LOOK_MS });
      if (response.status < 300) return { kind: 'done', answers: new Map() };
      if (response.status === 409) return { kind: 'stale', why: `${action.path} was changed by somebody else meanwhile` };
      return {
        kind: 'refused',
        error: new ClusterError(
          `${assignment.node.name}: ${item.step.title}: the API answered ${response.status} to ${action.method} ${action.path}`,
          { detail: { status: response.status, body: response.body } },
        ),
      };
    }
    case 'evictions':
      return evict(hold, item, action);
    case 'time':
      await noteBlockers(hold, item.step.id, action.blocked ?? []);
      return { kind: 'pending', why: [] };
    case 'person': {
      const asked = await ask(hold, item, action);
      // nothing to say where it asks anew
      await noteBlockers(hold, item.step.id, []);
      return asked;
    }
  }
};

/**
 * Performs a step's actions in order, after its `step.started` is in the journal; stops at the first that does not end well.
 *
 * The facts of the step and of the one behind it are asked in the same exec as the last action on the node.
 */
export const act = async (hold: Hold, plan: Plan, item: Acting, seen: Seen, following: PlanItem | undefined): Promise<Acted> => {
  const { session } = hold;
  const { step } = item;
  const ctx = contextOf(session, plan, item);
  const actions = step.apply(seen.state, ctx, session.run().steps[step.id]?.before);
  hold.untouched = false;
  hold.ready.clear();
  const facts =
    step.kind === 'activation'
      ? []
      : [item, ...(following ? [following] : [])].map((each) => each.step.observe(contextOf(session, plan, each)));
  const reads = nodeQuestions(facts);
  if (actions.length === 0)
    return {
      kind: 'refused',
      error: new UnmetError(`${session.assignment.node.name}: ${step.title}: there is nothing that drover can do about it`),
    };
  let acted: Acted = { kind: 'done', answers: new Map() };
  for (const [index, action] of actions.entries()) {
    acted = await perform(hold, item, action, seen, index === actions.length - 1 ? reads : []);
    if (acted.kind !== 'done') return acted;
  }
  if (acted.kind === 'done' && acted.answers.size > 0)
    await bringAlong(hold, plan, [item, ...(following ? [following] : [])], acted.answers);
  return acted;
};

/** Keeps what the exec brought along as fresh looks; what needs more than the node's answers is looked at later. */
const bringAlong = async (hold: Hold, plan: Plan, items: readonly PlanItem[], answers: NodeAnswers): Promise<void> => {
  const { session } = hold;
  for (const item of items) {
    const fact = item.step.observe(contextOf(session, plan, item));
    if (nodeQuestions([fact]).length === 0 || nodeQuestions([fact]).some(({ text }) => !answers.has(text))) continue;
    const [one] = await look(session.world, [fact], { signal: session.assignment.signal, timeoutMs: LOOK_MS }, answers).catch(() => []);
    if (one) hold.ready.set(item.step.id, one);
  }
};
