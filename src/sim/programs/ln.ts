import { lookUp, normalise } from '../node/files.ts';
import { type Program, options, unknown } from './program.ts';

/** ln(1) with -s, of one link. */
export const ln: Program = (call) => {
  const { flags, rest } = options(call.args);
  const [target, name, ...more] = rest;
  if (!flags.has('-s') || target === undefined || name === undefined || more.length > 0) return unknown(call, 'ln');
  const path = normalise(name);
  if (lookUp(call.machine.files, path)) {
    call.err(`ln: failed to create symbolic link '${name}': File exists\n`);
    return 1;
  }
  call.machine.files.entries.set(path, { kind: 'symlink', target, mode: 0o777, owner: 'root', group: 'root' });
  return 0;
};
