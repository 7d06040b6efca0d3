import { normalise } from '../node/files.ts';
import { readText } from '../node/view.ts';
import type { Program } from './program.ts';

/** cat(1): files one after another; what cannot be read is said and passed over. */
export const cat: Program = (call) => {
  let status = 0;
  const paths = call.args.filter((word) => word === '-' || !word.startsWith('-'));
  if (paths.length === 0) call.out(call.stdin());
  for (const path of paths) {
    const read = path === '-' ? { text: call.stdin() } : readText(call.machine, normalise(path), call.user, call.now());
    if ('text' in read) call.out(read.text);
    else {
      call.err(`cat: ${path}: ${read.error}\n`);
      status = 1;
    }
  }
  return status;
};
