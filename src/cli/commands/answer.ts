import { fold } from '../../core/reduce.ts';
import { answerOf } from '../answer-of.ts';
import { answerable, checkAnswer } from '../answerable.ts';
import type { Cli } from '../context.ts';
import { openDrover } from '../drover.ts';
import type { JsonFlag } from '../flags.ts';
import { person } from '../person.ts';
import { findRun, nodesOfRun, say, warnUnheard } from '../say.ts';

/** The flags of `drover answer`. */
export type AnswerFlags = JsonFlag;

/** Answers what a step asks a person, where an answer counts. */
export async function answer(this: Cli, flags: AnswerFlags, word: string, node: string, step: string, value: string): Promise<void> {
  await using drover = await openDrover(this, 'answer');
  const { runId, spec } = await findRun(drover, word);
  const whom = nodesOfRun(runId, spec, [node]);
  const place = { runId, stream: node, step };
  const { takes, resume } = answerable(place, fold(await drover.station.journal.read(runId, node)));
  checkAnswer(place, takes, value);
  const by = person(this);
  // one of the choices is the text itself, whatever it looks like
  await say(drover, runId, { type: 'answer', step, answer: takes.kind === 'choices' ? value : answerOf(value), by, ...whom });
  if (resume) await say(drover, runId, { type: 'resume', by, ...whom });
  this.stdout.write(
    flags.json === true
      ? `${JSON.stringify({ run: runId, said: 'answer', node, step, by })}\n`
      : `run ${runId}: ${node} ${step} was answered by ${by}\n`,
  );
  await warnUnheard(this, drover, runId);
}
