import type { Model } from '../model.ts';
import type { Ask, Key, Pressed, Ui } from '../ui.ts';
import { moved } from './move.ts';

/** Puts a question; what it needs to be shown is asked for. */
export const put = (ui: Ui, ask: Ask): Pressed => ({
  ui: { ...ui, ask: { ...ask, top: 0 } },
  effects: ask.back ? [{ do: 'load-way-back', nodes: ask.back }] : [],
});

/** An answer to a question: one of its keys, or no. A way back has to be known before it is gone. */
export const pressAsk = (ui: Ui, ask: NonNullable<Ui['ask']>, model: Model, { name }: Key): Pressed => {
  const { ask: _ask, ...rest } = ui;
  const chosen = ask.choices.find(({ key }) => key === name);
  if (chosen) {
    const unknown = (ask.back ?? []).find((node) => model.wayBack[node] === undefined);
    if (unknown !== undefined)
      return { ui: { ...ui, notice: { words: `the way back of ${unknown} is still being looked up`, bad: true } }, effects: [] };
    const nowhere = ask.back !== undefined && ask.back.every((node) => model.wayBack[node]?.kind === 'none');
    if (nowhere) return { ui: { ...rest, notice: { words: 'there is no way back, so nothing was said', bad: true } }, effects: [] };
    return { ui: rest, effects: chosen.effects };
  }
  // so many that they are never all in sight: what is too far is stopped where it is drawn
  const top = ask.back ? moved(name, ask.top, Number.MAX_SAFE_INTEGER, 10) : undefined;
  if (top !== undefined && name !== 'G' && name !== 'end') return { ui: { ...ui, ask: { ...ask, top } }, effects: [] };
  return { ui: { ...rest, notice: { words: 'nothing was said', bad: false } }, effects: [] };
};
