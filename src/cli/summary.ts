import { count } from '../core/count.ts';
import type { Outcome } from '../core/event.ts';
import { RUN_STREAM } from '../core/node.ts';
import type { NodeRun } from '../core/reduce.ts';
import { type PlainView, todoLine } from './plain.ts';
import type { Reading } from '../words/asked.ts';
import { todos } from '../words/todo.ts';
import { byTheClock, wayOutLines } from '../words/way-out.ts';
import { type Paint, noPaint } from '../words/text.ts';

/** How a stream stands, in a word of the glossary. */
export const standing = (run: NodeRun): Outcome | 'parked' | 'running' | 'pending' => {
  if (run.outcome !== undefined) return run.outcome;
  if (run.parked !== undefined) return 'parked';
  return run.seq === 0 || (run.plan === undefined && run.spec === undefined) ? 'pending' : 'running';
};

const order = ['failed', 'parked', 'running', 'pending', 'rolled-back', 'cancelled', 'succeeded'] as const;

/** What to say when a run ends or is left: how many nodes stand how, and what a person has to do now, in the last lines. */
export const closingLines = (view: PlainView, reading: Reading, paint: Paint = noPaint): readonly string[] => {
  const nodes = Object.entries(view.streams).filter(([stream]) => stream !== RUN_STREAM);
  const counts = order.flatMap((word) => {
    const names = nodes.filter(([, run]) => standing(run) === word).map(([name]) => name);
    return names.length === 0 ? [] : [`${names.length} ${word}${word === 'succeeded' || names.length > 5 ? '' : ` (${names.join(', ')})`}`];
  });
  const head = `run ${view.runId}: ${count(nodes.length, 'node')}${counts.length > 0 ? `: ${counts.join(', ')}` : ''}`;
  const said = todos(view.runId, view.streams, reading);
  const ways = nodes.flatMap(([name, run]) => wayOutLines(view.runId, name, run, byTheClock(reading), said.join(' ')));
  return [head, ...[...said, ...ways].map((line) => todoLine(line, paint))];
};
