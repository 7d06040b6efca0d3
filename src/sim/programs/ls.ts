import { listFolder, normalise } from '../node/files.ts';
import { look } from '../node/view.ts';
import { type Program, options } from './program.ts';

/** ls(1), one name a line; -d lists folders themselves, -a hidden names too, -p puts a slash behind folders. */
export const ls: Program = (call) => {
  const { flags, rest } = options(call.args);
  const letters = [...flags.keys()].join('');
  const shown: string[] = [];
  let status = 0;
  const isFolder = (path: string): boolean => look(call.machine, normalise(path), call.now()).entry?.kind === 'directory';
  for (const path of (rest.length === 0 ? ['/root'] : rest).toSorted()) {
    const { entry, path: real } = look(call.machine, normalise(path), call.now());
    if (!entry) {
      call.err(`ls: cannot access '${path}': No such file or directory\n`);
      status = 2;
    } else if (entry.kind === 'directory' && !letters.includes('d')) {
      if (rest.length > 1) shown.push(...(shown.length > 0 ? [''] : []), `${path}:`);
      shown.push(
        ...listFolder(call.machine.files, real)
          .filter((name) => letters.includes('a') || letters.includes('A') || !name.startsWith('.'))
          .map((name) => (letters.includes('p') && isFolder(`${real}/${name}`) ? `${name}/` : name)),
      );
    } else shown.push(path);
  }
  call.out(shown.map((line) => `${line}\n`).join(''));
  return status;
};
