import { UsageError } from '../../core/error.ts';
import { fold } from '../../core/reduce.ts';
import { answerOf } from '../answer-of.ts';
import type { Cli } from '../context.ts';
import { didYouMean } from '../did-you-mean.ts';
import { openDrover } from '../drover.ts';
import type { JsonFlag } from '../flags.ts';
import { person } from '../person.ts';
import { findRun, nodesOfRun, say } from '../say.ts';

/** The flags of `drover answer`. */
export type AnswerFlags = JsonFlag;

/** Answers what a step asks a person. */
export async function answer(this: Cli, flags: AnswerFlags, word: string, node: string, step: string, value: string): Promise<void> {
  await using drover = await openDrover(this, 'answer');
  const { runId, spec } = await findRun(drover, word);
  const whom = nodesOfRun(runId, spec, [node]);
  const known = Object.keys(fold(await drover.station.journal.read(runId, node)).steps);
  const parked = (await drover.station.journal.read(runId, node)).findLast(({ type }) => type === 'node.parked');
  const waits = known.includes(step) || (parked?.type === 'node.parked' && parked.waitsFor.includes(step));
  if (!waits)
    throw new UsageError(
      `${node} has no step ${step} that was asked in run ${runId}${didYouMean(step, known)}; drover show ${runId} lists what waits`,
    );
  const by = person(this);
  await say(drover, runId, { type: 'answer', step, answer: answerOf(value), by, ...whom });
  await say(drover, runId, { type: 'resume', by, ...whom });
  this.stdout.write(
    flags.json === true
      ? `${JSON.stringify({ run: runId, said: 'answer', node, step, by })}\n`
      : `run ${runId}: ${node} ${step} was answered by ${by}\n`,
  );
}
