import type { Line, Tone } from './frame.ts';
import { cells, cut, span } from './text.ts';

/** A line that parts the screen, with a title in it. */
export const rule = (title: string, columns: number, tone: Tone = 'dim'): Line => {
  const text = title === '' ? '' : `── ${cut(title, columns - 8)} `;
  return [span(text + '─'.repeat(Math.max(0, columns - cells(text))), tone)];
};
