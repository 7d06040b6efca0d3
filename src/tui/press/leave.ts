import { isOver } from '../act/offer.ts';
import type { Model } from '../model.ts';
import type { Ask, Pressed, Ui } from '../ui.ts';

const whoGoesOn = ({ holders, runId }: Model): string => {
  if (holders === undefined) return `the run goes on as long as somebody works on it; drover watch ${runId} comes back`;
  const [first, ...more] = holders.others;
  if (first === undefined)
    return holders.here
      ? `nobody else works on the run: nodes stay as they are until drover resume ${runId}`
      : `nobody works on the run now: drover resume ${runId} goes on`;
  const who = more.length === 0 ? first : `${first} and ${more.length} more`;
  return `the run goes on: ${who} has it; drover watch ${runId} comes back`;
};

const question = (model: Model): Ask => ({
  question: `Leave the screen? ${whoGoesOn(model)}`,
  choices: [{ key: 'y', label: 'leave', effects: [{ do: 'detach' }] }],
});

/** Leaves the screen: at once when the run has ended or is only played, else after saying who goes on with it. A second Ctrl-C leaves at once. */
export const pressLeave = (ui: Ui, model: Model, hard: boolean): Pressed => {
  if (isOver(model) || ui.play) return { ui, effects: [{ do: 'quit' }] };
  const leaving = ui.ask?.choices.some(({ effects }) => effects.some((effect) => effect.do === 'detach')) === true;
  if (hard && leaving) return { ui, effects: [{ do: 'detach' }] };
  // whatever was typed or read is put away, so that the next key answers
  const { typing: _typing, help: _help, ...rest } = ui;
  return { ui: { ...rest, ask: { ...question(model), top: 0 } }, effects: [] };
};
