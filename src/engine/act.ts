import { ClusterError, CommandError, type DroverError, UnmetError } from '../core/error.ts';
import type { Action, Ask } from '../core/action.ts';
import type { CommandResult, ControlCommand, NodeCommand } from '../core/command.ts';
import { pendingControl } from '../core/controls.ts';
import type { Plan, PlanItem } from '../core/plan.ts';
import { type Activation, type Change, withinMs } from '../core/step.ts';
import { type Hold, contextOf } from './hold.ts';
import { type NodeAnswers, type Seen, look, nodeQuestions, pairAnswers } from './look.ts';
import { COMMAND_MS, LOOK_MS } from './session.ts';

const ACTIVATION_COMMAND_MS = 30_000;
/** How soon a command at work is ended when a person cancels. */
const CANCEL_EVERY_MS = 1000;

/** A step that acts, at its place in the plan. */
export type Acting = PlanItem & { readonly step: Change | Activation };

/** How the actions of a step went; what came of them is for a look to tell. */
export type Acted =
  | { readonly kind: 'done'; readonly answers: NodeAnswers }
  /** A program ended with another exit code than 0, or the API refused: if the wish does not hold now, this is why. */
  | { readonly kind: 'refused'; readonly error: DroverError }
  | { readonly kind: 'unknown'; readonly why: string }
  /** The world moved on between look and action: look again. */
  | { readonly kind: 'stale'; readonly why: string }
  | { readonly kind: 'replaced'; readonly why: string; readonly nodeFence: number }
  | { readonly kind: 'asked' };

const firstLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? '';

const failure = (node: string, step: string, shown: string, result: CommandResult): CommandError =>
  new CommandError(
    `${node}: ${step}: \`${shown}\` exited with ${result.exitCode}: ${firstLine(result.stderr) || firstLine(result.stdout) || 'it said nothing'}`,
    {
      // EX_TEMPFAIL of sysexits.h: a held package lock and the like
      transient: result.exitCode === 75,
      detail: { command: shown, exitCode: result.exitCode, stderr: result.stderr },
    },
  );

/** Aborts when a person cancels while something runs on the node. */
const cancelWatch = async (hold: Hold, stop: AbortController): Promise<void> => {
  const { session } = hold;
  while (!stop.signal.aborted) {
    await session.world.clock.sleep(CANCEL_EVERY_MS, stop.signal);
    if (stop.signal.aborted) return;
    const said = pendingControl(await session.controls(), session.assignment.node.name, session.run());
    if (said?.type === 'cancel') stop.abort(`${said.by} cancelled`);
  }
};

const onNode = async (
  hold: Hold,
  plan: Plan,
  item: PlanItem,
  action: NodeCommand,
  seen: Seen,
  reads: readonly NodeCommand[],
): Promise<Acted> => {
  const { session } = hold;
  const { assignment, world } = session;
  const { step } = item;
  if (!world.node) return { kind: 'refused', error: new CommandError(`step ${step.id} runs once for the run and has no node`) };
  const bootId = seen.bootId ?? (await session.hello()).bootId;
  const stop = new AbortController();
  const watch = cancelWatch(hold, stop).catch(() => undefined);
  const lines: string[] = [];
  const guard = {
    fence: assignment.fence,
    run: assignment.runId,
    step: step.id,
    attempt: session.run().steps[step.id]?.attempt ?? 1,
    bootId,
  };
  const timeoutMs = step.kind === 'activation' ? ACTIVATION_COMMAND_MS : Math.max(COMMAND_MS, withinMs(step, false));
  try {
    const { performed, reads: results } = await world.node.write(action, guard, reads, {
      signal: AbortSignal.any([assignment.signal, stop.signal]),
      timeoutMs,
      onLine: (line) => lines.push(line),
    });
    switch (performed.kind) {
      case 'exited':
        if (performed.result.exitCode !== 0)
          return { kind: 'refused', error: failure(assignment.node.name, step.title, action.masked, performed.result) };
        return { kind: 'done', answers: pairAnswers(reads, results) };
      case 'unknown':
        return { kind: 'unknown', why: performed.why };
      case 'refused':
        if (performed.why === 'fence') return { kind: 'replaced', why: performed.detail, nodeFence: Number(performed.detail) || 0 };
        if (performed.why === 'boot' || performed.why === 'lock') return { kind: 'stale', why: performed.detail };
        return { kind: 'refused', error: new CommandError(`${assignment.node.name}: ${step.title} did not run: ${performed.detail}`) };
    }
  } finally {
    // a reason of its own, because abort() without one makes an error with a stack
    stop.abort('the command has ended');
    await watch;
    if (lines.length > 0) await world.journal.output(assignment.runId, assignment.node.name, step.id, lines);
  }
};

const onController = async (hold: Hold, item: PlanItem, action: ControlCommand): Promise<Acted> => {
  const { assignment, world } = hold.session;
  const lines: string[] = [];
  const result = await world.control.run(action, {
    signal: assignment.signal,
    timeoutMs: Math.max(COMMAND_MS, withinMs(item.step, false)),
    onLine: (line) => lines.push(line),
  });
  if (lines.length > 0) await world.journal.output(assignment.runId, assignment.node.name, item.step.id, lines);
  if (result.exitCode !== 0) return { kind: 'refused', error: failure(assignment.node.name, item.step.title, action.masked, result) };
  return { kind: 'done', answers: new Map() };
};

const ask = async (hold: Hold, item: PlanItem, action: Ask): Promise<Acted> => {
  const { session } = hold;
  if (session.run().steps[item.step.id]?.asked !== action.instructions) {
    await session.append({ type: 'step.asked', step: item.step.id, instructions: action.instructions });
  }
  if (session.run().parked === undefined) await session.append({ type: 'node.parked', waitsFor: action.instructions, clears: 'by-itself' });
  return { kind: 'asked' };
};

const perform = async (
  hold: Hold,
  plan: Plan,
  item: PlanItem,
  action: Action,
  seen: Seen,
  reads: readonly NodeCommand[],
): Promise<Acted> => {
  const { assignment, world } = hold.session;
  switch (action.via) {
    case 'ssh':
      return onNode(hold, plan, item, action, seen, reads);
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
    case 'person':
      return ask(hold, item, action);
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
  const actions = step.apply(seen.state, ctx);
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
    acted = await perform(hold, plan, item, action, seen, index === actions.length - 1 ? reads : []);
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
