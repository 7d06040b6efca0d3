import type { Model } from '../model.ts';
import { matchesIn, outputOf } from '../output.ts';
import { withoutLast } from '../view/text.ts';
import type { Key, Pressed, Ui } from '../ui.ts';

type Typing = NonNullable<Ui['typing']>;

const shown = (ui: Ui, what: Typing['what'], text: string): Ui => {
  if (what === 'filter') return { ...ui, fleet: { ...ui.fleet, filter: text, top: 0 } };
  return ui.node === undefined ? ui : { ...ui, node: { ...ui.node, search: text } };
};

/** A search that was typed to its end goes to the last line that has it. */
const found = (ui: Ui, model: Model): Ui => {
  const { node } = ui;
  if (node === undefined || node.search === '') return ui;
  const last = matchesIn(outputOf(model, node).lines, node.search).at(-1);
  if (last === undefined) return { ...ui, notice: { words: `nothing that was printed has ${node.search}`, bad: true } };
  return { ...ui, node: { ...node, last: last + 1 } };
};

/** What is typed narrows the rows at once; enter keeps it, escape takes it back. */
export const pressTyping = (ui: Ui, typing: Typing, model: Model, { name, text }: Key): Pressed => {
  const { typing: _typing, ...rest } = ui;
  const { what } = typing;
  const now = (words: string): Pressed => ({ ui: shown({ ...ui, typing: { ...typing, text: words } }, what, words), effects: [] });
  switch (name) {
    case 'escape':
      return { ui: shown(rest, what, typing.before), effects: [] };
    case 'enter': {
      const kept = shown(rest, what, typing.text);
      return { ui: what === 'search' ? found(kept, model) : kept, effects: [] };
    }
    case 'backspace':
      return now(withoutLast(typing.text));
    case 'ctrl+u':
      return now('');
    case 'ctrl+w':
      return now(typing.text.replace(/\S*\s*$/, ''));
    default:
      return text === undefined ? { ui, effects: [] } : now(typing.text + text);
  }
};
