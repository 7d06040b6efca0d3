import type { Frame, Size, Tone } from '../src/tui/view/frame.ts';
import { cells } from '../src/tui/view/text.ts';

const CELL = { width: 8.4, height: 18, font: 14 };
const EDGE = 14;

/** The colours of a dark terminal. */
const colours: Readonly<Record<Tone, string>> = {
  plain: '#c9d1d9',
  dim: '#8b949e',
  strong: '#f0f6fc',
  good: '#3fb950',
  bad: '#ff7b72',
  warn: '#d29922',
  active: '#39c5cf',
  selected: '#0d1117',
  key: '#f0f6fc',
};
const bold: readonly Tone[] = ['strong', 'bad', 'key'];

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const rounded = (value: number): string => value.toFixed(1).replace(/\.0$/, '');

/** A frame as a picture: each piece of text stands where its cells are, whatever font shows it. */
export const svgOf = ({ lines }: Frame, { columns, rows }: Size, title: string): string => {
  const [width, height] = [columns * CELL.width + 2 * EDGE, rows * CELL.height + 2 * EDGE];
  const shapes = lines.flatMap((line, row) => {
    let column = 0;
    const top = EDGE + row * CELL.height;
    return line.flatMap(({ text, tone = 'plain' }) => {
      const at = EDGE + column * CELL.width;
      const wide = cells(text) * CELL.width;
      column += cells(text);
      const mark =
        tone === 'selected'
          ? [`<rect x="${rounded(at)}" y="${top}" width="${rounded(wide)}" height="${CELL.height}" fill="${colours.plain}"/>`]
          : [];
      if (text.trim() === '') return mark;
      const weight = bold.includes(tone) ? ' font-weight="bold"' : '';
      const start = text.length - text.trimStart().length;
      const x = rounded(at + start * CELL.width);
      const long = rounded(cells(text.trim()) * CELL.width);
      const words = `<text x="${x}" y="${rounded(top + CELL.font - 0.5)}" textLength="${long}" fill="${colours[tone]}"${weight}>${escaped(text.trim())}</text>`;
      return [...mark, words];
    });
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${rounded(width)} ${rounded(height)}" role="img" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    `<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="${CELL.font}" xml:space="preserve">`,
    ...shapes,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
};
