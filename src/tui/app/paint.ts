import type { Frame, Line, Tone } from '../view/frame.ts';

const ESC = '\u001b[';

/** The 16 colours and weights that every terminal has. What a colour says stands there as a word or a sign as well. */
const coloured: Readonly<Record<Tone, string>> = {
  plain: '',
  dim: '2',
  strong: '1',
  good: '32',
  bad: '1;31',
  warn: '33',
  active: '36',
  selected: '7',
  key: '1',
};

/** The same without a colour (https://no-color.org): weights stay, because they are none. */
const uncoloured: Readonly<Record<Tone, string>> = { ...coloured, good: '', bad: '1', warn: '', active: '' };

/** What a terminal shows of a line behind its last visible character: nothing, unless it is reversed. */
const withoutTail = (line: Line): Line => {
  const last = line.findLastIndex(({ text, tone }) => tone === 'selected' || text.trimEnd() !== '');
  return line
    .slice(0, last + 1)
    .map((span, index) => (index === last && span.tone !== 'selected' ? { ...span, text: span.text.trimEnd() } : span));
};

/** A frame as texts for the terminal, one a row. */
export const paintRows = ({ lines }: Frame, colour: boolean): readonly string[] => {
  const codes = colour ? coloured : uncoloured;
  return lines.map((line) =>
    withoutTail(line)
      .map(({ text, tone = 'plain' }) => (codes[tone] === '' ? text : `${ESC}${codes[tone]}m${text}${ESC}0m`))
      .join(''),
  );
};
