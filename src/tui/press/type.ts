import { askWords } from '../act/answer.ts';
import type { Model } from '../model.ts';
import { matchesIn, outputOf } from '../output.ts';
import { withoutLast } from '../view/text.ts';
import type { Key, Pressed, Typing, Ui } from '../ui.ts';
import { put } from './ask.ts';

const shown = (ui: Ui, what: 'filter' | 'search', text: string): Ui => {
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

/** A text after a key of a line that is typed; undefined when the key is none of those. */
const edited = (text: string, { name, text: typed }: Key): string | undefined => {
  switch (name) {
    case 'backspace':
      return withoutLast(text);
    case 'ctrl+u':
      return '';
    case 'ctrl+w':
      return text.replace(/\S*\s*$/, '');
    default:
      return typed === undefined ? undefined : text + typed;
  }
};

/** An answer that is typed is asked about at enter; escape leaves it unsaid. */
const pressAnswer = (ui: Ui, typing: Typing & { readonly what: 'answer' }, key: Key): Pressed => {
  const { typing: _typing, ...rest } = ui;
  const text = edited(typing.text, key);
  if (key.name === 'enter' && typing.text.trim() !== '') return put(rest, askWords(typing));
  if (key.name === 'enter' || key.name === 'escape')
    return { ui: { ...rest, notice: { words: 'nothing was said', bad: false } }, effects: [] };
  return { ui: text === undefined ? ui : { ...ui, typing: { ...typing, text } }, effects: [] };
};

/** What is typed narrows the rows at once; enter keeps it, escape takes it back. */
export const pressTyping = (ui: Ui, typing: Typing, model: Model, key: Key): Pressed => {
  if (typing.what === 'answer') return pressAnswer(ui, typing, key);
  const { typing: _typing, ...rest } = ui;
  const { what } = typing;
  const text = edited(typing.text, key);
  switch (key.name) {
    case 'escape':
      return { ui: shown(rest, what, typing.before), effects: [] };
    case 'enter': {
      const kept = shown(rest, what, typing.text);
      return { ui: what === 'search' ? found(kept, model) : kept, effects: [] };
    }
    default:
      return { ui: text === undefined ? ui : shown({ ...ui, typing: { ...typing, text } }, what, text), effects: [] };
  }
};
