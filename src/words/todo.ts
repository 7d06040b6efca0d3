import { RUN_STREAM } from '../core/node.ts';
import { type NodeRun, isSettled } from '../core/reduce.ts';
import { printable } from './text.ts';

/** What a step asks a person now; undefined when nothing is asked. */
export const openQuestion = (run: NodeRun): { readonly step: string; readonly instructions: string } | undefined => {
  const found = Object.entries(run.steps).find(([, state]) => state.asked !== undefined && !isSettled(state) && state.phase !== 'failed');
  return found?.[1].asked === undefined ? undefined : { step: found[0], instructions: found[1].asked };
};

const failedStep = (run: NodeRun): string | undefined => Object.entries(run.steps).find(([, state]) => state.phase === 'failed')?.[0];

/** Whether nothing but an answer can settle a step: an approval, whose fact is the answer. */
export const isApproval = (step: string): boolean => /^(undo\.)?approval\b/.test(step);

/** What a person has to do about one stream of a run now, as one line with the command to type; undefined when nothing. */
export const todoOf = (runId: string, stream: string, run: NodeRun): string | undefined => {
  const name = stream === RUN_STREAM ? 'the run' : stream;
  if (run.outcome === 'failed') {
    const step = failedStep(run);
    return `${name} failed${step === undefined ? '' : ` at ${step}`}: mend it, then drover replay ${runId} ${stream}; or drover rollback ${runId} ${stream}; drover logs ${runId} ${stream} has what it printed`;
  }
  if (run.outcome !== undefined) return undefined;
  const question = openQuestion(run);
  if (question && isApproval(question.step)) {
    const nodes = stream === RUN_STREAM ? '' : ` ${stream}`;
    return `${name} waits for your yes: ${printable(question.instructions)}; drover approve ${runId} ${question.step}${nodes}`;
  }
  if (question) return `${name} waits for a person: ${printable(question.instructions)}; drover goes on when it sees it`;
  if (run.parked === undefined) return undefined;
  if (run.paused) return `${name} is paused: drover resume ${runId}${stream === RUN_STREAM ? '' : ` ${stream}`}`;
  const words = printable(run.parked);
  if (!run.stuck) return `${name} waits and goes on by itself: ${words}`;
  return words.includes('drover ')
    ? `${name} waits for you: ${words}`
    : `${name} waits for you: ${words}; then drover resume ${runId} ${stream}`;
};

/** What people have to do now about a whole run, a line each. */
export const todos = (runId: string, streams: Readonly<Record<string, NodeRun>>): readonly string[] => {
  const lines = Object.entries(streams).flatMap(([stream, run]) => todoOf(runId, stream, run) ?? []);
  const halted = streams[RUN_STREAM]?.halted;
  return halted !== undefined && lines.length === 0 ? [`the run is halted: ${printable(halted)}; drover show ${runId}`] : lines;
};
