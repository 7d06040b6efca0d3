import { graphemes } from './graphemes.ts';
import type { Key } from './ui.ts';
import type { Frame, Line, Look, Size } from './view/frame.ts';
import { inAscii } from './view/signs.ts';
import { cells, clean, cut, fill, fit, span, spread, wrap } from './view/text.ts';

/** One field of a form. */
export type FormField = {
  readonly name: string;
  /** What may be typed, in words: `text`, `whole number`, `list: a,b`. */
  readonly type: string;
  /** The only values there are, where there are few. */
  readonly choices: readonly string[];
  readonly description: string;
  /** What holds when nothing is typed; undefined where something has to be. */
  readonly fallback?: string;
  readonly required: boolean;
  readonly example: string;
};

/** A form that is filled in. */
export type Form = {
  readonly title: string;
  readonly about: string;
  readonly fields: readonly FormField[];
  /** What was typed, by field. */
  readonly values: Readonly<Record<string, string>>;
  readonly at: number;
  /** What is wrong, by field. */
  readonly errors: Readonly<Record<string, string>>;
  /** Errors of all fields are shown, also of those that nobody has typed into yet. */
  readonly tried: boolean;
};

/** Tells what is wrong with values, by field. */
export type Check = (values: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;

/** A form before the first key; the cursor is on the first field that is wrong. */
export const startForm = (start: Omit<Form, 'at' | 'errors' | 'tried'>, check: Check): Form => {
  const errors = check(start.values);
  const at = start.fields.findIndex(({ name }) => errors[name] !== undefined);
  return { ...start, errors, at: Math.max(0, at), tried: false };
};

const typedInto = (form: Form, text: string, check: Check): Form => {
  const name = form.fields[form.at]?.name;
  if (name === undefined) return form;
  const { [name]: _old, ...others } = form.values;
  const values = text === '' ? others : { ...others, [name]: text };
  return { ...form, values, errors: check(values) };
};

const moved = (form: Form, by: number): Form => ({ ...form, at: Math.min(form.fields.length - 1, Math.max(0, form.at + by)) });

/** The next choice of a field, round about; nothing typed is its default. */
const turned = (form: Form, by: number, check: Check): Form => {
  const field = form.fields[form.at];
  if (!field || field.choices.length === 0) return form;
  const now = field.choices.indexOf(form.values[field.name] ?? field.fallback ?? '');
  const next = now === -1 ? (by > 0 ? 0 : field.choices.length - 1) : (now + by + field.choices.length) % field.choices.length;
  return typedInto(form, field.choices[next] ?? '', check);
};

/** Enter: on to the next field that is wrong; done when none is. */
const entered = (form: Form): { readonly form: Form; readonly end?: 'done' } => {
  const wrong = form.fields.flatMap(({ name }, index) => (form.errors[name] === undefined ? [] : [index]));
  const next = wrong.find((index) => index > form.at) ?? wrong[0];
  return next === undefined ? { form, end: 'done' } : { form: { ...form, at: next, tried: true } };
};

/** What a key does to a form: `done` when it is filled in, `left` when nobody wants it. */
export const pressForm = (form: Form, key: Key, check: Check): { readonly form: Form; readonly end?: 'done' | 'left' } => {
  const name = form.fields[form.at]?.name ?? '';
  const text = form.values[name] ?? '';
  switch (key.name) {
    case 'escape':
    case 'ctrl+c':
      return { form, end: 'left' };
    case 'enter':
      return entered(form);
    case 'up':
    case 'shift+tab':
      return { form: moved(form, -1) };
    case 'down':
    case 'tab':
      return { form: moved(form, 1) };
    case 'left':
      return { form: turned(form, -1, check) };
    case 'right':
      return { form: turned(form, 1, check) };
    case 'backspace':
    case 'delete':
      return { form: typedInto(form, graphemes(text).slice(0, -1).join(''), check) };
    case 'ctrl+u':
      return { form: typedInto(form, '', check) };
    default:
      return key.text === undefined ? { form } : { form: typedInto(form, text + key.text, check) };
  }
};

const hint = ({ type, choices, required, fallback }: FormField): string =>
  `${choices.length > 0 ? choices.join(' | ') : type}${required ? ', required' : fallback === undefined ? ', may be left out' : ''}`;

/** A form as it stands on the terminal: a line a field, and below them all about the one that is filled in. */
export const formFrame = (form: Form, { columns, rows }: Size, look: Look): Frame => {
  const field = form.fields[form.at];
  const wrongs = Object.keys(form.errors).length;
  const names = Math.min(24, Math.max(0, ...form.fields.map(({ name }) => cells(name)))) + 2;
  const values = Math.max(8, Math.floor((columns - names - 4) / 2));
  const below: Line[] = [];
  if (field) {
    below.push([span('─'.repeat(columns), 'dim')]);
    for (const text of wrap(clean(field.description), columns - 2, 2)) below.push([span(` ${text}`)]);
    const error = form.errors[field.name];
    const wrong = error !== undefined && (form.tried || form.values[field.name] !== undefined);
    below.push([span(wrong ? ` × ${clean(error)}` : ` for example ${field.example}`, wrong ? 'bad' : 'dim')]);
  }
  const room = Math.max(1, rows - 4 - below.length);
  const top = Math.max(0, Math.min(form.at - room + 1, form.fields.length - room));
  const first = Math.max(0, Math.min(top, form.at));
  const shown = form.fields.slice(first, first + room);
  let cursor: Frame['cursor'];
  const body = shown.map((one, index): Line => {
    const here = first + index === form.at;
    const typed = form.values[one.name];
    const wrong = form.errors[one.name] !== undefined && (form.tried || typed !== undefined);
    // the end of what is typed is what somebody who types looks at
    const text = clean(typed ?? '');
    const tail =
      cells(text) < values
        ? text
        : `…${graphemes(text)
            .slice(-(values - 3))
            .join('')}`;
    if (here) cursor = { row: 3 + index, column: 2 + names + cells(tail) };
    const value =
      typed === undefined ? span(fill(clean(one.fallback ?? ''), values), 'dim') : span(fill(tail, values), here ? 'strong' : 'plain');
    return [
      span(here ? '▸ ' : wrong ? '× ' : '  ', wrong ? 'bad' : 'active'),
      span(fill(one.name, names), here ? 'strong' : 'plain'),
      value,
      span('  '),
      span(hint(one), 'dim'),
    ];
  });
  const lines: Line[] = [
    spread(
      [span(form.title, 'strong')],
      [span(wrongs === 0 ? 'all there' : `${wrongs} missing or wrong`, wrongs === 0 ? 'good' : 'warn')],
      columns,
    ),
    [span(cut(clean(form.about), columns), 'dim')],
    [],
    ...body,
    ...Array.from({ length: Math.max(0, room - body.length) }, (): Line => []),
    ...below,
    [
      span('enter', 'key'),
      span(wrongs === 0 ? ' goes on  ' : ' next that is missing or wrong  '),
      span('↑↓', 'key'),
      span(' field  '),
      ...(field && field.choices.length > 0 ? [span('←→', 'key'), span(' choice  ')] : []),
      span('esc', 'key'),
      span(' leaves; nothing is touched'),
    ],
  ];
  const frame = { lines: lines.slice(0, rows).map((line) => fit(line, columns)), ...(cursor && { cursor }) };
  return look.ascii === true ? inAscii(frame) : frame;
};
