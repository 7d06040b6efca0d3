import { CommandError } from '../core/error.ts';
import type { CommandResult, NodeCommand } from '../core/command.ts';
import { pendingControl } from '../core/controls.ts';
import type { PlanItem } from '../core/plan.ts';
import type { Written } from '../core/ports.ts';
import type { Acted } from './act.ts';
import { withinMs } from '../core/step.ts';
import type { Hold } from './hold.ts';
import { pairAnswers } from './look.ts';
import { openOutput, shownSince } from './output.ts';
import { COMMAND_MS, type Session } from './session.ts';

const ACTIVATION_COMMAND_MS = 30_000;
/** How soon a command at work is ended when a person cancels. */
const CANCEL_EVERY_MS = 1000;
/** What is left at least to a command that is followed: its bound may have passed while nobody did. */
const LEAST_MS = 1000;

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? '';

/** A program that ended with another exit code than 0, in its own last words. */
export const failure = (node: string, step: string, shown: string, result: CommandResult): CommandError =>
  new CommandError(
    `${node}: ${step}: \`${shown}\` exited with ${result.exitCode}: ${lastLine(result.stderr) || lastLine(result.stdout) || 'it said nothing'}`,
    {
      // EX_TEMPFAIL of sysexits.h: a held package lock and the like
      transient: result.exitCode === 75,
      detail: { command: shown, exitCode: result.exitCode, stderr: result.stderr },
    },
  );

/** Aborts when a person cancels while something runs on the node, or for it on the controller. */
export const cancelWatch = async ({ session }: Hold, stop: AbortController): Promise<void> => {
  while (!stop.signal.aborted) {
    await session.world.clock.sleep(CANCEL_EVERY_MS, stop.signal);
    if (stop.signal.aborted) return;
    const said = pendingControl(await session.controls(), session.assignment.node.name, session.run());
    if (said?.type === 'cancel') stop.abort(`${said.by} cancelled`);
  }
};

const signalOf = ({ assignment }: Session, durable: boolean, stop: AbortSignal): AbortSignal => {
  // to let go of a durable command costs nothing, so a worker that leaves does not wait for its end
  const leaving = durable && assignment.leaving ? [assignment.leaving] : [];
  return AbortSignal.any([assignment.signal, ...leaving, stop]);
};

/**
 * Sends a command to the node, or follows the one that an earlier worker or connection began; its output goes to the journal meanwhile.
 *
 * `intent` is what the node stores as the step that it was sent for: what is sent for a step's guard must not be taken for the step.
 */
export const onNode = async (
  hold: Hold,
  item: PlanItem,
  action: NodeCommand,
  reads: readonly NodeCommand[],
  { bootId, attach = false, intent = item.step.id }: { readonly bootId: string; readonly attach?: boolean; readonly intent?: string },
): Promise<Acted> => {
  const { session } = hold;
  const { assignment, world } = session;
  const { step } = item;
  if (!world.node) return { kind: 'refused', error: new CommandError(`step ${step.id} runs once for the run and has no node`) };
  const state = session.run().steps[step.id];
  const actedAt = state?.actedAt ?? world.clock.now();
  const durable = action.durable === true;
  const guard = { fence: assignment.fence, run: assignment.runId, step: intent, attempt: state?.attempt ?? 1, bootId };
  const bound = step.kind === 'activation' ? ACTIVATION_COMMAND_MS : Math.max(COMMAND_MS, withinMs(step, false));
  const timeoutMs = attach ? Math.max(LEAST_MS, bound - (world.clock.now() - actedAt)) : bound;
  const output = openOutput(session, step.id, attach ? await shownSince(session, step.id, actedAt) : []);
  const stop = new AbortController();
  const watch = cancelWatch(hold, stop).catch(() => undefined);
  try {
    const options = { signal: signalOf(session, durable, stop.signal), timeoutMs, onLine: (line: string) => output.line(line) };
    const written = await (attach ? world.node.attach(action, guard, reads, options) : world.node.write(action, guard, reads, options));
    return actedBy(assignment.node.name, item, action, reads, written);
  } finally {
    // a reason of its own, because abort() without one makes an error with a stack
    stop.abort('the command has ended');
    await watch;
    // whoever has the node now follows the command, and shows what was not written yet
    await output.close(durable && assignment.signal.aborted);
  }
};

const actedBy = (
  node: string,
  { step }: PlanItem,
  action: NodeCommand,
  reads: readonly NodeCommand[],
  { performed, reads: results }: Written,
): Acted => {
  switch (performed.kind) {
    case 'exited':
      if (performed.result.exitCode !== 0) return { kind: 'refused', error: failure(node, step.title, action.masked, performed.result) };
      return { kind: 'done', answers: pairAnswers(reads, results) };
    case 'unknown':
      // what took all the time that it had is not tried again: it would take it again
      if (performed.late) return { kind: 'refused', error: new CommandError(`${node}: ${step.title}: ${performed.why}`) };
      return { kind: 'unknown', why: performed.why };
    case 'refused':
      switch (performed.why) {
        case 'fence':
          return { kind: 'replaced', why: performed.detail, nodeFence: Number(performed.detail) || 0 };
        case 'boot':
        case 'lock':
          return { kind: 'stale', why: performed.detail };
        case 'absent':
          return { kind: 'absent', why: `${action.masked} on ${node}: ${performed.detail}` };
        case 'machine':
        case 'state':
          return { kind: 'refused', error: new CommandError(`${node}: ${step.title} did not run: ${performed.detail}`) };
      }
  }
};
