import { compareVersions } from '../node/kernel.ts';
import { type Program, options } from './program.ts';

/** sort(1) of standard input with -u, -r and -V. */
export const sort: Program = (call) => {
  const letters = [...options(call.args).flags.keys()].join('');
  const lines = call.stdin().split('\n');
  if (lines.at(-1) === '') lines.pop();
  const sorted = lines.toSorted(letters.includes('V') ? compareVersions : (a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (letters.includes('r')) sorted.reverse();
  const shown = letters.includes('u') ? [...new Set(sorted)] : sorted;
  call.out(shown.map((line) => `${line}\n`).join(''));
  return 0;
};
