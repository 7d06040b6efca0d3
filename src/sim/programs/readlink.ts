import { follow, lookUp, normalise } from '../node/files.ts';
import { type Program, options } from './program.ts';

/** readlink(1); with -f what the path leads to in the end, also where the last part is not there. */
export const readlink: Program = (call) => {
  const { flags, rest } = options(call.args);
  let status = 0;
  for (const path of rest.map((one) => normalise(one))) {
    const entry = lookUp(call.machine.files, path);
    if (flags.has('-f')) call.out(`${follow(call.machine.files, path).path}\n`);
    else if (entry?.kind === 'symlink') call.out(`${entry.target}\n`);
    else status = 1;
  }
  return status;
};
