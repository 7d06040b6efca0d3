import { lookUp, normalise } from '../node/files.ts';
import type { Program } from './program.ts';

/** readlink(1): where a symbolic link points; exit code 1, without a word, where there is none. */
export const readlink: Program = (call) => {
  const entry = lookUp(call.machine.files, normalise(call.args.at(-1) ?? ''));
  if (entry?.kind !== 'symlink') return 1;
  call.out(`${entry.target}\n`);
  return 0;
};
