import { type Duration, isDuration } from '../core/duration.ts';
import type { Node } from '../core/node.ts';
import { type Percentage, type Rollout, checkRollout, isPercentage } from '../core/rollout.ts';
import { wholeNumber } from './flags.ts';

/** How the nodes of a run begin, where it shall differ from what the runbook says. */
export type RolloutFlags = {
  readonly canary?: number;
  readonly soak?: Duration;
  readonly maxUnavailable?: number | Percentage;
  readonly maxFailures?: number;
  readonly spread?: string;
};

/** Reads how many nodes may be out of service at once. */
export const share = (input: string): number | Percentage => {
  if (/^\d+$/.test(input) && Number(input) >= 1) return Number(input);
  if (isPercentage(input) && Number.parseFloat(input) > 0 && Number.parseFloat(input) <= 100) return input;
  throw new SyntaxError('a number of nodes of at least 1 is meant, or a percentage of them above 0% and at most 100%');
};

/** Reads a length of time. */
export const lengthOfTime = (input: string): Duration => {
  if (isDuration(input)) return input;
  throw new SyntaxError('a time is meant: 90s, 5m, 1h, 30d');
};

/** The flags of `RolloutFlags`, as stricli takes them. */
export const rolloutFlags = {
  canary: { kind: 'parsed', parse: wholeNumber(0), optional: true, placeholder: 'N', brief: 'Nodes that go first and alone; 0 for none' },
  soak: { kind: 'parsed', parse: lengthOfTime, optional: true, placeholder: 'TIME', brief: 'How long the canaries must stay healthy then' },
  maxUnavailable: {
    kind: 'parsed',
    parse: share,
    optional: true,
    placeholder: 'N|P%',
    brief: 'Nodes out of service at once, also for other reasons',
  },
  maxFailures: {
    kind: 'parsed',
    parse: wholeNumber(0),
    optional: true,
    placeholder: 'N',
    brief: 'Nothing new begins when more nodes than this have failed, do not answer, or were rolled back',
  },
  spread: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'LABEL',
    brief: 'Never two nodes at once that have the same value of this label',
  },
} as const;

/**
 * What the runbook says about the rollout, with what the operator said instead.
 *
 * A runbook's canaries are as many as the run has nodes at most; those that somebody asked for are held against the run.
 *
 * @throws UsageError that names the setting, what it is and what it may be
 */
export const rolloutOf = (runbook: Rollout, flags: RolloutFlags, nodes: readonly Node[]): Rollout => {
  const { canary = Math.min(runbook.canary, nodes.length), soak = runbook.soak, spread = runbook.spread } = flags;
  const rollout: Rollout = {
    canary,
    maxUnavailable: flags.maxUnavailable ?? runbook.maxUnavailable,
    maxFailures: flags.maxFailures ?? runbook.maxFailures,
    ...(soak !== undefined && { soak }),
    ...(spread !== undefined && { spread }),
  };
  checkRollout(rollout, nodes);
  return rollout;
};
