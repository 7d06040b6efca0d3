import { sh } from '../core/command.ts';
import type { StepState } from '../core/reduce.ts';
import type { Step } from '../core/step.ts';
import type { Hold } from './hold.ts';

/** An activation that was sent is not sent again on the same boot for this long: a machine takes its time to go down. */
const RESEND_MS = 60_000;
const INTENT_MS = 10_000;
/** A change that was sent and whose outcome nobody knows is sent again after twice this long, then four times, at most the second. */
const RETRY_MS = 250;
const MAX_RETRY_MS = 5000;

/**
 * Whether the node has heard of an attempt: its wrapper stores the intent before it runs anything, so what a worker died of does not matter.
 *
 * Without a readable intent the answer is yes: to wait is safe.
 */
const wasSent = async (hold: Hold, step: string, attempt: number): Promise<boolean> => {
  const { assignment, world } = hold.session;
  const [result] =
    (await world.node
      ?.read([sh`cat /var/lib/drover/intent`], { signal: assignment.signal, timeoutMs: INTENT_MS })
      .catch(() => undefined)) ?? [];
  if (!result) return true;
  const words = result.stdout.trim().split(' ');
  return [`run=${assignment.runId}`, `step=${step}`, `attempt=${attempt}`].every((word) => words.includes(word));
};

/** Whether a step that has acted before must not act again yet: it may still be at work, or would fail as fast as it can be tried. */
export const isTooSoon = async (hold: Hold, step: Step, state: StepState, lookedAt: number): Promise<boolean> => {
  const sinceMs = lookedAt - (state.actedAt ?? 0);
  const asked = state.asked !== undefined;
  const activated = step.kind === 'activation' && state.phase !== 'pending' && sinceMs < RESEND_MS;
  if (activated && (asked || (await wasSent(hold, step.id, state.attempt)))) return true;
  const mayBeAtWork = state.phase === 'started' || state.phase === 'unknown';
  return mayBeAtWork && !asked && sinceMs < Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** state.attempt);
};
