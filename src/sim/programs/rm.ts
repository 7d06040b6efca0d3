import { lookUp, normalise, removePath } from '../node/files.ts';
import { type Program, options } from './program.ts';

/** rm(1) with -f and -r. */
export const rm: Program = (call) => {
  const { flags, rest } = options(call.args);
  const letters = [...flags.keys()].join('');
  let status = 0;
  for (const path of rest) {
    const entry = lookUp(call.machine.files, normalise(path));
    const problem = !entry
      ? 'No such file or directory'
      : entry.kind === 'directory' && !/r/i.test(letters)
        ? 'Is a directory'
        : call.user !== 'root' && entry.owner !== call.user
          ? 'Permission denied'
          : undefined;
    if (problem === undefined) removePath(call.machine.files, normalise(path));
    else if (entry || !letters.includes('f')) {
      call.err(`rm: cannot remove '${path}': ${problem}\n`);
      status = 1;
    }
  }
  return status;
};
