import { RUN_STREAM } from '../core/node.ts';
import type { RunSpec } from '../core/event.ts';
import { type Model, startModel, tell } from '../tui/model.ts';
import { sentence } from '../tui/sentences.ts';
import { todos } from '../words/todo.ts';
import type { Cli } from './context.ts';
import type { Teller } from './teller.ts';

/** A line for a program that reads it aloud: what it would read as `right arrow` is a word. */
const spoken = (line: string): string => line.replaceAll('→', 'to').replaceAll('…', '');

/** Tells a run in sentences: no columns, no signs, no time of day, the node first. */
export const readAloud = (cli: Cli, runId: string, spec: RunSpec): Teller => {
  let model: Model = startModel(runId, spec, 0);
  const say = (text: string): void => cli.stdout.write(`${spoken(text)}\n`);
  const stand = (): void => {
    const streams = Object.fromEntries(model.nodes.map(({ name, run }) => [name, run]));
    for (const todo of todos(runId, { ...streams, [RUN_STREAM]: model.run }, { now: Date.now() })) say(`${todo}.`);
  };
  return {
    recall: (before) => {
      if (before.length === 0) return;
      model = before.reduce(tell, model);
      stand();
    },
    tell: (told) => {
      say(sentence(model, told));
      model = tell(model, told);
    },
    end: stand,
  };
};
