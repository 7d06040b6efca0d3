import { expect, test } from 'vitest';
import { paintRows } from '../../../src/tui/app/paint.ts';

const frame = {
  lines: [
    [{ text: 'run ' }, { text: 'failed', tone: 'bad' as const }, { text: '     ' }],
    [{ text: 'cursor   ', tone: 'selected' as const }],
    [{ text: '     ', tone: 'dim' as const }],
  ],
};

test('paints with colours and weights that every terminal has, and leaves out blanks that nobody sees', () => {
  expect(paintRows(frame, true)).toEqual(['run \u001b[1;31mfailed\u001b[0m', '\u001b[7mcursor   \u001b[0m', '']);
});

test('paints without a colour, with the same words', () => {
  expect(paintRows(frame, false)).toEqual(['run \u001b[1mfailed\u001b[0m', '\u001b[7mcursor   \u001b[0m', '']);
});
