import { type Takes, takesOf } from '../core/asked.ts';
import { UsageError } from '../core/error.ts';
import { askedNow } from '../core/question.ts';
import type { NodeRun } from '../core/reduce.ts';
import { printable } from '../words/text.ts';
import { toType, whom } from '../words/asked.ts';
import { didYouMean } from './did-you-mean.ts';

/** Where an answer goes: the run, the node (or `@run`) and the step. */
export type Place = { readonly runId: string; readonly stream: string; readonly step: string };

/** What answer a step takes now, and whether the node has to be told to go on as well. @throws UsageError in words where no answer counts */
export const answerable = ({ runId, stream, step }: Place, run: NodeRun): { readonly takes: Takes; readonly resume: boolean } => {
  // what somebody else changed is parked with the very words to say
  if (run.stuck && run.parked?.includes(` ${step} overwrite`) === true)
    return { takes: { kind: 'choices', choices: ['overwrite', 'keep'] }, resume: true };
  // an answer may be changed while it still counts
  const open = askedNow(run);
  if (open?.step !== step) {
    const there = open ? `; it waits at ${open.step}` : '';
    throw new UsageError(
      `${stream} asks nothing at ${step} in run ${runId}${didYouMean(step, Object.keys(run.steps))}${there}; drover show ${runId} lists what waits`,
    );
  }
  const takes = takesOf(step, open.asked);
  if (takes.kind === 'none')
    throw new UsageError(
      `${stream} ${step} takes no answer: it waits for ${whom(open.asked)} to do this, and goes on by itself when drover sees that it is done: ${printable(open.asked.instructions)}`,
    );
  return { takes, resume: false };
};

/** Checks that what somebody says is an answer that counts. @throws UsageError with the answers there are */
export const checkAnswer = ({ runId, stream, step }: Place, takes: Takes, value: string): void => {
  if (takes.kind !== 'choices' || takes.choices.includes(value)) return;
  throw new UsageError(
    `${stream} ${step} takes ${takes.choices.join(' or ')}, not ${JSON.stringify(value)}${didYouMean(value, takes.choices)}: ${toType(runId, stream, step, takes)}`,
  );
};
