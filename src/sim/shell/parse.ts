import { type Cursor, fail, peek, skipBlanks, startsWith } from './cursor.ts';
import type { AndOr, Command, Pipeline, Redirect, Script, Word } from './syntax.ts';
import { readWord } from './words.ts';

const unknownWords = new Set(['if', 'then', 'else', 'elif', 'fi', 'for', 'while', 'until', 'do', 'done', 'case', 'esac', 'function']);

const plainText = (word: Word): string | undefined => {
  const [first, ...rest] = word;
  return first?.kind === 'text' && !first.quoted && rest.length === 0 ? first.text : undefined;
};

const target = (cursor: Cursor): Word => {
  skipBlanks(cursor);
  return readWord(cursor, script) ?? fail(cursor, 'a redirect without a file');
};

const redirect = (cursor: Cursor): Redirect | undefined => {
  const [, digits = '', operator] = /^(\d*)(<<|<>|<&|>\||>>|>&|<|>)/.exec(cursor.text.slice(cursor.at, cursor.at + 8)) ?? [];
  if (operator === undefined) return undefined;
  if (operator === '<<' || operator === '<>' || operator === '<&') fail(cursor, `the redirect ${operator}`);
  cursor.at += digits.length + operator.length;
  const fd = digits === '' ? (operator === '<' ? 0 : 1) : Number(digits);
  const op = operator === '>&' ? '&' : operator === '<' || operator === '>>' ? operator : '>';
  return { fd, op, target: target(cursor) };
};

const assignment = (word: Word): { readonly name: string; readonly value: Word } | undefined => {
  const [first, ...rest] = word;
  if (first?.kind !== 'text' || first.quoted) return undefined;
  const [whole, name] = /^([A-Za-z_][A-Za-z0-9_]*)=/.exec(first.text) ?? [];
  if (whole === undefined || name === undefined) return undefined;
  return { name, value: [{ ...first, text: first.text.slice(whole.length) }, ...rest] };
};

const compound = (cursor: Cursor, kind: 'group' | 'subshell', end: string): Command => {
  const body = script(cursor, end);
  const redirects: Redirect[] = [];
  for (skipBlanks(cursor); ; skipBlanks(cursor)) {
    const one = redirect(cursor);
    if (!one) return { kind, body, redirects };
    redirects.push(one);
  }
};

const command = (cursor: Cursor): Command => {
  skipBlanks(cursor);
  if (peek(cursor) === '(') {
    cursor.at += 1;
    return compound(cursor, 'subshell', ')');
  }
  const assignments: { readonly name: string; readonly value: Word }[] = [];
  const words: Word[] = [];
  const redirects: Redirect[] = [];
  for (;;) {
    skipBlanks(cursor);
    const one = redirect(cursor);
    if (one) {
      redirects.push(one);
      continue;
    }
    const word = readWord(cursor, script);
    if (!word) break;
    const text = plainText(word);
    if (words.length === 0 && text === '{') return compound(cursor, 'group', '}');
    if (words.length === 0 && text !== undefined && unknownWords.has(text)) fail(cursor, `the shell's ${text}`);
    const set = words.length === 0 ? assignment(word) : undefined;
    if (set) assignments.push(set);
    else words.push(word);
  }
  if (peek(cursor) === '(') fail(cursor, 'functions');
  if (words.length + assignments.length + redirects.length === 0) fail(cursor, 'an empty command');
  return { kind: 'simple', assignments, words, redirects };
};

const pipeline = (cursor: Cursor): Pipeline => {
  skipBlanks(cursor);
  const negated = startsWith(cursor, '! ');
  if (negated) cursor.at += 2;
  const commands = [command(cursor)];
  for (skipBlanks(cursor); peek(cursor) === '|' && !startsWith(cursor, '||'); skipBlanks(cursor)) {
    cursor.at += 1;
    skipBlanks(cursor, true);
    commands.push(command(cursor));
  }
  return { negated, commands };
};

const andOr = (cursor: Cursor): AndOr => {
  const first = pipeline(cursor);
  const rest: AndOr['rest'][number][] = [];
  for (skipBlanks(cursor); startsWith(cursor, '&&') || startsWith(cursor, '||'); skipBlanks(cursor)) {
    const op = startsWith(cursor, '&&') ? '&&' : '||';
    cursor.at += 2;
    skipBlanks(cursor, true);
    rest.push({ op, pipeline: pipeline(cursor) });
  }
  return { first, rest };
};

/** Commands up to `until`: the empty text is the end of the script. */
const script = (cursor: Cursor, until: string): Script => {
  const all: AndOr[] = [];
  for (;;) {
    skipBlanks(cursor, true);
    if (until === '' ? cursor.at >= cursor.text.length : peek(cursor) === until) {
      cursor.at += until.length;
      return all;
    }
    if (peek(cursor) === '') fail(cursor, `a ( or { without its end`);
    all.push(andOr(cursor));
    skipBlanks(cursor);
    if (peek(cursor) === ';' && !startsWith(cursor, ';;')) cursor.at += 1;
    else if (peek(cursor) !== '\n' && peek(cursor) !== '' && peek(cursor) !== until)
      fail(cursor, peek(cursor) === '&' ? 'commands in the background (&)' : `"${peek(cursor)}" here`);
  }
};

const parsed = new Map<string, Script>();
const KEEP = 500;

/** Parses a script of the small shell; what was parsed lately is kept, because fleets run the same commands. @throws UnknownSyntax */
export const parseScript = (text: string): Script => {
  const known = parsed.get(text);
  if (known) return known;
  const made = script({ text, at: 0 }, '');
  if (parsed.size >= KEEP) parsed.clear();
  parsed.set(text, made);
  return made;
};
