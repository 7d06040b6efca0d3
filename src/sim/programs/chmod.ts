import { lookUp, normalise } from '../node/files.ts';
import { type Program, unknown } from './program.ts';

/** chmod(1) with an octal mode, +x or -x. */
export const chmod: Program = (call) => {
  const [mode = '', ...paths] = call.args;
  if (!/^(0?[0-7]{3,4}|a?[+-]x)$/.test(mode)) return unknown(call, 'chmod');
  let status = 0;
  for (const path of paths.map((one) => normalise(one))) {
    const entry = lookUp(call.machine.files, path);
    if (!entry || entry.kind === 'symlink') {
      call.err(`chmod: cannot access '${path}': No such file or directory\n`);
      status = 1;
    } else {
      const next = mode.endsWith('+x') ? entry.mode | 0o111 : mode.endsWith('-x') ? entry.mode & ~0o111 : parseInt(mode, 8);
      call.machine.files.entries.set(path, { ...entry, mode: next });
    }
  }
  return status;
};
