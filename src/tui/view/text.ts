import stringWidth from 'string-width';
import { printable } from '../../words/text.ts';
import { graphemes } from '../graphemes.ts';
import type { Frame, Line, Size, Span, Tone } from './frame.ts';

// one cell each, without asking: what nearly every text consists of
const plainCells = /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u02ff…─│·■▣□⊘×↶⏸▸→‹›–]*$/;

/** How many cells of a terminal a text takes; wide characters count two. */
export const cells = (text: string): number => (plainCells.test(text) ? text.length : stringWidth(text));

/** At most `width` cells, with `…` for what is cut off. */
export const cut = (text: string, width: number): string => {
  if (width <= 0) return '';
  if (text.length <= width && plainCells.test(text)) return text;
  if (plainCells.test(text)) return `${text.slice(0, width - 1)}…`;
  if (stringWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const character of graphemes(text)) {
    const wide = stringWidth(character);
    if (used + wide > width - 1) break;
    kept += character;
    used += wide;
  }
  return `${kept}…`;
};

/** Exactly `width` cells: cut, or filled up with blanks on the right. */
export const fill = (text: string, width: number): string => {
  const short = cut(text, width);
  return short + ' '.repeat(Math.max(0, width - cells(short)));
};

/** Exactly `width` cells, filled up on the left: for numbers. */
export const fillLeft = (text: string, width: number): string => {
  const short = cut(text, width);
  return ' '.repeat(Math.max(0, width - cells(short))) + short;
};

// what turns the direction of writing could make a line say something else than it does
const turns = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** A text without the last thing that somebody typed into it. */
export const withoutLast = (text: string): string => graphemes(text).slice(0, -1).join('');

/** A text from outside on one line: nothing in it that a terminal acts on. */
export const clean = (text: string): string => printable(text).replace(/\n/g, ' ').replace(turns, '');

/** A span; empty ones are left out by `line`. */
export const span = (text: string, tone: Tone = 'plain'): Span => (tone === 'plain' ? { text } : { text, tone });

/** How many cells a line takes. */
export const widthOf = (line: Line): number => line.reduce((sum, { text }) => sum + cells(text), 0);

/** A line cut to the terminal's width: what does not fit is left out on the right, with `…`. */
export const fit = (line: Line, columns: number): Line => {
  let left = columns;
  const shown: Span[] = [];
  for (const [index, one] of line.entries()) {
    if (one.text === '') continue;
    const wide = cells(one.text);
    const isLast = line.slice(index + 1).every(({ text }) => text === '');
    if (wide < left || (wide === left && isLast)) {
      shown.push(one);
      left -= wide;
      continue;
    }
    if (left > 0) shown.push({ ...one, text: cut(wide <= left ? `${one.text}…` : one.text, left) });
    break;
  }
  return shown;
};

/** A frame that fits the terminal exactly, however small that is. */
export const exactly = (frame: Frame, { columns, rows }: Size): Frame => ({
  ...frame,
  lines: Array.from({ length: rows }, (_, row) => fit(frame.lines[row] ?? [], columns)),
});

/** One part at the left and one at the right end; the right one gives way where both have no room. */
export const spread = (left: Line, right: Line, columns: number): Line => {
  const room = columns - widthOf(left) - 2;
  if (room < 8) return fit(left, columns);
  const end = fit(right, room);
  return [...left, span(' '.repeat(Math.max(0, columns - widthOf(left) - widthOf(end)))), ...end];
};

/** Breaks a text between words into lines of at most `width` cells; what is left after `most` lines is cut with `…`. */
export const wrap = (text: string, width: number, most: number): readonly string[] => {
  const lines: string[] = [];
  let rest = text.trim();
  while (rest !== '' && lines.length < most) {
    if (cells(rest) <= width || lines.length === most - 1) {
      lines.push(cut(rest, width));
      break;
    }
    // a blank right behind the last cell breaks the line as well
    const space = cut(rest, width + 2)
      .slice(0, -1)
      .lastIndexOf(' ');
    const at = space > width / 3 ? space : Math.max(1, cut(rest, width + 1).length - 1);
    lines.push(rest.slice(0, at).trimEnd());
    rest = rest.slice(at).trimStart();
  }
  return lines;
};
