import { takesOf, type Takes } from './asked.ts';
import { openQuestion } from './question.ts';
import type { NodeRun } from './reduce.ts';
import { type Due, type Wait, isSameWait } from './told.ts';

/** How often people are reminded. */
export type NoticeSettings = { readonly remindMs: number };

/** What of a stream waits for a person now. What somebody has paused waits for nobody. */
export const waitOf = (run: NodeRun): Wait | undefined => {
  const { parked, parkedAt, stuck, paused, halted, haltedAt, outcome } = run;
  const open = paused ? undefined : openQuestion(run);
  if (open) {
    const { instructions, to, at, untilMs } = open.asked;
    return {
      of: 'asked',
      step: open.step,
      instructions,
      askedAt: at,
      ...(to !== undefined && { to }),
      ...(untilMs !== undefined && { untilMs }),
    };
  }
  if (stuck && !paused && outcome === undefined && parked !== undefined && parkedAt !== undefined)
    return { of: 'parked', instructions: parked, askedAt: parkedAt };
  return halted === undefined || haltedAt === undefined ? undefined : { of: 'halted', instructions: halted, askedAt: haltedAt };
};

/** How a wait ended: the step that asked has failed because nothing came of it, or it is done, answered, or no longer wanted. */
const endOf = ({ steps }: NodeRun, { step }: Wait): 'cleared' | 'expired' =>
  step !== undefined && steps[step]?.phase === 'failed' ? 'expired' : 'cleared';

/** Whether the next wait says itself that the one before is over: the same step asks anew, or it is halted, or parked, for another reason. */
const follows = (next: Wait | undefined, before: Wait): boolean => next?.of === before.of && next.step === before.step;

/** What people have to be told now; undefined when nothing. Whatever was posted and not written down is due again. */
export const dueNotice = (run: NodeRun, { remindMs }: NoticeSettings, now: number): Due | undefined => {
  const { told } = run;
  const wait = waitOf(run);
  if (told && !told.over && !isSameWait(told.wait, wait) && !run.paused && !follows(wait, told.wait))
    return { kind: endOf(run, told.wait), wait: told.wait, reminder: told.reminder };
  if (wait === undefined) return undefined;
  if (told === undefined || !isSameWait(told.wait, wait)) return { kind: wait.of, wait, reminder: 0 };
  return now >= told.at + remindMs ? { kind: wait.of, wait, reminder: told.reminder + 1 } : undefined;
};

/** In how many ms something is due, when nothing else happens until then; undefined when that is never. */
export const nextNoticeMs = (run: NodeRun, settings: NoticeSettings, now: number): number | undefined => {
  if (dueNotice(run, settings, now)) return 0;
  return run.told === undefined || waitOf(run) === undefined ? undefined : Math.max(0, run.told.at + settings.remindMs - now);
};

/** What is told to people, with all that can be said about it. */
export type Notice = Due & {
  readonly runId: string;
  readonly runbook: string;
  /** A node's name, or `@run`. */
  readonly stream: string;
  /** The stream as it was when the notice was due. */
  readonly state: NodeRun;
};

/** What answer the step of a wait takes. */
export const takesAt = (run: NodeRun, { of, step }: Wait): Takes => {
  const asked = step === undefined ? undefined : run.steps[step]?.asked;
  return of !== 'asked' || step === undefined || asked === undefined ? { kind: 'none' } : takesOf(step, asked);
};
