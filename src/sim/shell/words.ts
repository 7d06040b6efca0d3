import { type Cursor, fail, peek } from './cursor.ts';
import type { Part, Script, Word } from './syntax.ts';

/** Parses the script inside `$(…)`; given by the parser, so that words and scripts need not import each other. */
export type Inner = (cursor: Cursor, until: string) => Script;

const breaks = new Set([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')', '']);
const nameStart = /[A-Za-z_]/;
const nameRest = /[A-Za-z0-9_]/;

const readName = (cursor: Cursor): string => {
  const start = cursor.at;
  while (nameRest.test(peek(cursor))) cursor.at += 1;
  return cursor.text.slice(start, cursor.at);
};

const braced = (cursor: Cursor, quoted: boolean, inner: Inner): Part => {
  cursor.at += 1;
  const name = readName(cursor);
  if (name === '') fail(cursor, 'this kind of ${…}');
  if (peek(cursor) === '}') {
    cursor.at += 1;
    return { kind: 'variable', name, quoted };
  }
  if (peek(cursor) !== ':' || cursor.text[cursor.at + 1] !== '-') fail(cursor, 'this kind of ${…}');
  cursor.at += 2;
  const fallback: Part[] = [];
  while (peek(cursor) !== '}') fallback.push(...part(cursor, quoted, inner, '}'));
  cursor.at += 1;
  return { kind: 'variable', name, quoted, fallback };
};

const dollar = (cursor: Cursor, quoted: boolean, inner: Inner): Part => {
  cursor.at += 1;
  const next = peek(cursor);
  if (next === '(') {
    if (cursor.text[cursor.at + 1] === '(') fail(cursor, 'arithmetic $((…))');
    cursor.at += 1;
    return { kind: 'output', script: inner(cursor, ')'), quoted };
  }
  if (next === '{') return braced(cursor, quoted, inner);
  if (nameStart.test(next)) return { kind: 'variable', name: readName(cursor), quoted };
  if (next === '?' || next === '$') {
    cursor.at += 1;
    return { kind: 'variable', name: next, quoted };
  }
  if (/[0-9@*#!-]/.test(next)) fail(cursor, `$${next}`);
  return { kind: 'text', text: '$', quoted };
};

const single = (cursor: Cursor): Part => {
  const end = cursor.text.indexOf("'", cursor.at + 1);
  if (end < 0) fail(cursor, "a ' without its end");
  const text = cursor.text.slice(cursor.at + 1, end);
  cursor.at = end + 1;
  return { kind: 'text', text, quoted: true };
};

const double = (cursor: Cursor, inner: Inner): Part[] => {
  cursor.at += 1;
  const parts: Part[] = [{ kind: 'text', text: '', quoted: true }];
  while (peek(cursor) !== '"') parts.push(...part(cursor, true, inner, '"'));
  cursor.at += 1;
  return parts;
};

/** One piece of a word, up to a break or `stop`. */
const part = (cursor: Cursor, quoted: boolean, inner: Inner, stop: string): Part[] => {
  const char = peek(cursor);
  if (char === '') fail(cursor, 'a quote or brace without its end');
  if (char === '$') return [dollar(cursor, quoted, inner)];
  if (char === '`') fail(cursor, 'backquotes; write $(…)');
  if (!quoted && char === "'") return [single(cursor)];
  if (!quoted && char === '"') return double(cursor, inner);
  if (char === '\\') {
    const next = cursor.text[cursor.at + 1] ?? '';
    cursor.at += 2;
    if (next === '\n') return [];
    const literal = quoted && !'$`"\\'.includes(next) ? `\\${next}` : next;
    return [{ kind: 'text', text: literal, quoted: true }];
  }
  const start = cursor.at;
  while (
    peek(cursor) !== '' &&
    !'$`\\'.includes(peek(cursor)) &&
    peek(cursor) !== stop &&
    (quoted || !(breaks.has(peek(cursor)) || `'"`.includes(peek(cursor))))
  )
    cursor.at += 1;
  return [{ kind: 'text', text: cursor.text.slice(start, cursor.at), quoted }];
};

/** The word at the cursor; undefined where there is none. */
export const readWord = (cursor: Cursor, inner: Inner): Word | undefined => {
  if (breaks.has(peek(cursor)) || peek(cursor) === '#') return undefined;
  const parts: Part[] = [];
  while (!breaks.has(peek(cursor))) parts.push(...part(cursor, false, inner, ''));
  return parts;
};
