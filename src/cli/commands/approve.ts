import { UsageError } from '../../core/error.ts';
import { RUN_STREAM } from '../../core/node.ts';
import { openQuestion } from '../../core/question.ts';
import { fold } from '../../core/reduce.ts';
import { answerable, checkAnswer } from '../answerable.ts';
import type { Cli } from '../context.ts';
import { openDrover } from '../drover.ts';
import type { JsonFlag } from '../flags.ts';
import { person } from '../person.ts';
import { findRun, nodesOfRun, say, warnUnheard } from '../say.ts';

/** The flags of `drover approve`. */
export type ApproveFlags = JsonFlag;

/** Says yes to a step that waits for approval, on the nodes that wait there. */
export async function approve(this: Cli, flags: ApproveFlags, word: string, step: string, ...names: string[]): Promise<void> {
  await using drover = await openDrover(this, 'approve');
  const { runId, spec } = await findRun(drover, word);
  const asked = nodesOfRun(runId, spec, names).nodes ?? [...spec.nodes.map(({ name }) => name), RUN_STREAM];
  const waiting: string[] = [];
  for (const stream of asked) {
    const run = fold(await drover.station.journal.read(runId, stream));
    if (openQuestion(run)?.step !== step || run.answers[step] === 'yes') continue;
    const place = { runId, stream, step };
    checkAnswer(place, answerable(place, run).takes, 'yes');
    waiting.push(stream);
  }
  if (waiting.length === 0) throw new UsageError(`nothing waits at ${step} in run ${runId}; drover show ${runId} tells what waits`);
  const by = person(this);
  await say(drover, runId, { type: 'answer', step, answer: 'yes', by, nodes: waiting });
  this.stdout.write(
    flags.json === true
      ? `${JSON.stringify({ run: runId, said: 'approve', step, nodes: waiting, by })}\n`
      : `run ${runId}: ${step} approved by ${by} for ${waiting.join(', ')}\n`,
  );
  await warnUnheard(this, drover, runId);
}
