import { RUN_STREAM } from '../core/node.ts';
import { openQuestion } from '../core/question.ts';
import type { NodeRun } from '../core/reduce.ts';
import { type Reading, askedWords, untilWords, waitsWords } from './asked.ts';
import { keptWords } from './blocked.ts';
import { printable } from './text.ts';

const failedStep = (run: NodeRun): string | undefined => Object.entries(run.steps).find(([, state]) => state.phase === 'failed')?.[0];

/** What a person has to do about one stream of a run now, as one line with the command to type; undefined when nothing. */
export const todoOf = (runId: string, stream: string, run: NodeRun, reading: Reading): string | undefined => {
  const name = stream === RUN_STREAM ? 'the run' : stream;
  if (run.outcome === 'failed') {
    const step = failedStep(run);
    return `${name} failed${step === undefined ? '' : ` at ${step}`}: mend it, then drover replay ${runId} ${stream}; or drover rollback ${runId} ${stream}; drover logs ${runId} ${stream} has what it printed`;
  }
  if (run.outcome !== undefined) return undefined;
  if (run.paused) return `${name} is paused: drover resume ${runId}${stream === RUN_STREAM ? '' : ` ${stream}`}`;
  const question = run.stuck ? undefined : openQuestion(run);
  if (question) {
    const { step, asked } = question;
    const rest = [askedWords(run, asked, reading), untilWords(stream, run, asked, reading) ?? ''].filter((part) => part !== '');
    return [`${name} ${waitsWords(runId, stream, step, asked)}`, ...rest].join('; ');
  }
  const kept = run.stuck ? undefined : keptWords(run, reading);
  if (kept !== undefined) return `${name} waits and goes on by itself: ${kept}`;
  if (run.parked === undefined) return undefined;
  const words = printable(run.parked);
  if (!run.stuck) return `${name} waits and goes on by itself: ${words}`;
  return words.includes('drover ')
    ? `${name} waits for you: ${words}`
    : `${name} waits for you: ${words}; then drover resume ${runId} ${stream}`;
};

/** What people have to do now about a whole run, a line each. */
export const todos = (runId: string, streams: Readonly<Record<string, NodeRun>>, reading: Reading): readonly string[] => {
  const lines = Object.entries(streams).flatMap(([stream, run]) => todoOf(runId, stream, run, reading) ?? []);
  const halted = streams[RUN_STREAM]?.halted;
  return halted !== undefined && lines.length === 0 ? [`the run is halted: ${printable(halted)}; drover show ${runId}`] : lines;
};
