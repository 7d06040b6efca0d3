import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Size } from '../../src/tui/view/frame.ts';
import { scenes, sizes } from './scenes.ts';
import { textOf } from './story.ts';

/** The file that keeps the frames of a size. */
export const fileFor = ({ columns, rows }: Size): URL => new URL(`${columns}x${rows}.frames.txt`, import.meta.url);

/** All scenes in one size, as they are kept. */
export const framesFor = (size: Size): string =>
  scenes.map(({ name, keys, draw }) => `=== ${name}${keys === '' ? '' : `: ${keys}`}\n${textOf(draw(size))}\n`).join('\n');

// by hand, `npm run frames`: draws them anew, for a person to look at the difference
if (process.argv[1] === fileURLToPath(import.meta.url)) for (const size of sizes) writeFileSync(fileFor(size), framesFor(size));
