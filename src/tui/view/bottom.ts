import { actions } from '../act/all.ts';
import type { Target } from '../act/offer.ts';
import type { Model } from '../model.ts';
import type { Ui } from '../ui.ts';
import type { Line, Size, Span } from './frame.ts';
import { cells, clean, cut, fit, span, wrap } from './text.ts';

/** A key and what it does, for the lines at the bottom. */
export type Hint = { readonly key: string; readonly label: string };

/** The lines at the bottom, and where the text cursor is in them. */
export type Bottom = { readonly lines: readonly Line[]; readonly cursor?: { readonly line: number; readonly column: number } };

const hintSpans = ({ key, label }: Hint): Span[] => [span(key, 'key'), span(` ${label}  `, 'dim')];
const hintWidth = ({ key, label }: Hint): number => cells(key) + cells(label) + 3;

/** Hints on one line: what does not fit is left out, but never the last of the right ones, which lists all keys. */
const hintLine = (title: string, left: readonly Hint[], right: readonly Hint[], columns: number): Line => {
  const head = title === '' ? 0 : 6;
  const always = right.slice(-1);
  let room = columns - head - always.reduce((sum, one) => sum + hintWidth(one), 0);
  const taken = (hints: readonly Hint[]): readonly Hint[] =>
    hints.filter((one) => {
      if (hintWidth(one) > room) return false;
      room -= hintWidth(one);
      return true;
    });
  const first = taken(left);
  const then = [...taken(right.slice(0, -1)), ...always];
  const gap = Math.max(0, room);
  return fit(
    [
      ...(title === '' ? [] : [span(title.padEnd(head), 'dim')]),
      ...first.flatMap(hintSpans),
      ...(then.length > 0 ? [span(' '.repeat(gap)), ...then.flatMap(hintSpans)] : []),
    ],
    columns,
  );
};

/** What can be done now: about the node under the cursor, then about the run; with the keys that only look. */
const footer = (ui: Ui, model: Model, target: Target, looks: readonly Hint[], { columns }: Size, count: number): readonly Line[] => {
  const offers = (kind: 'node' | 'run'): readonly Hint[] =>
    ui.play
      ? []
      : actions
          .filter(({ about }) => about === kind)
          .flatMap(({ key, offer }) => {
            const what = offer(model, target);
            return what.can ? [{ key, label: what.label }] : [];
          });
  const keys = { key: '?', label: 'keys' };
  if (ui.typing)
    return [
      fit(
        [
          { key: 'enter', label: { filter: 'keep the filter', search: 'search', answer: 'answer' }[ui.typing.what] },
          { key: 'esc', label: ui.typing.what === 'answer' ? 'say nothing' : 'undo' },
        ].flatMap(hintSpans),
        columns,
      ),
      ...(count > 1 ? [[]] : []),
    ];
  const plays: readonly Hint[] = ui.play
    ? [
        { key: 't', label: ui.play.paused ? 'go on' : 'stop' },
        { key: '<', label: 'slower' },
        { key: '>', label: 'faster' },
        { key: ',', label: 'back' },
        { key: '.', label: 'ahead' },
      ]
    : [];
  if (count === 1) return [hintLine('', [...plays, ...offers('node'), ...looks.slice(0, 1), ...offers('run')], [keys], columns)];
  const half = Math.ceil(looks.length / 2);
  return [
    hintLine(ui.play ? 'play' : 'node', [...plays, ...offers('node')], looks.slice(0, half), columns),
    hintLine(ui.play ? '' : 'run', offers('run'), [...looks.slice(half), keys], columns),
  ];
};

const askLines = ({ question, choices }: NonNullable<Ui['ask']>, { columns, rows }: Size): readonly Line[] => [
  [span('─'.repeat(columns), 'warn')],
  ...wrap(clean(question), columns, Math.max(1, Math.min(6, rows - 4))).map((text): Line => [span(text, 'strong')]),
  fit([...choices.flatMap(hintSpans), ...hintSpans({ key: 'any other key', label: choices.length > 1 ? 'later' : 'no' })], columns),
];

/** The lines at the bottom: what is known of what the cursor is on, then what is typed, asked or told, and the keys. */
export const bottomOf = (
  ui: Ui,
  model: Model,
  size: Size,
  parts: { readonly message: number; readonly footer: number },
  detail: readonly Line[],
  keys: { readonly target: Target; readonly looks: readonly Hint[] },
): Bottom => {
  const { columns } = size;
  const { typing, notice, ask } = ui;
  const height = detail.length + parts.message + parts.footer;
  const below = footer(ui, model, keys.target, keys.looks, size, parts.footer);
  const prompt = typing?.what === 'answer' ? `${cut(typing.step, 30)}: ` : '/';
  const room = columns - cells(prompt) - 1;
  const message: Line | undefined = typing
    ? [span(prompt, 'key'), span(cut(typing.text, room))]
    : notice && [span(cut(clean(notice.words), columns), notice.bad ? 'warn' : 'plain')];
  if (ask) {
    const lines = [...askLines(ask, size), ...(notice && message ? [message] : [])];
    return { lines: [...lines, ...Array.from({ length: Math.max(0, height - lines.length) }, (): Line => [])] };
  }
  const lines = parts.message > 0 ? [...detail, message ?? [], ...below] : [...detail, message ?? below[0] ?? []];
  const line = parts.message > 0 ? detail.length : lines.length - 1;
  return { lines, ...(typing && { cursor: { line, column: Math.min(columns - 1, cells(prompt) + cells(typing.text)) } }) };
};
