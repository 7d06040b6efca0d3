import { listFolder, lookUp, normalise } from '../node/files.ts';
import { type Program, options, unknown } from './program.ts';

/** find(1) of one folder without those below it: `find DIR -maxdepth 1 -name '*.SUFFIX' [-perm /111]`. */
export const find: Program = (call) => {
  const { flags, rest } = options(call.args, ['-maxdepth', '-name', '-perm', '-type']);
  const suffix = /^\*(\.\w+)$/.exec(flags.get('-name')?.[0] ?? '')?.[1];
  const wanted = flags.get('-perm')?.[0];
  if (flags.get('-maxdepth')?.[0] !== '1' || suffix === undefined || (wanted !== undefined && wanted !== '/111'))
    return unknown(call, 'find');
  const { files } = call.machine;
  let status = 0;
  for (const folder of rest) {
    if (lookUp(files, normalise(folder))?.kind !== 'directory') {
      call.err(`find: ‘${folder}’: No such file or directory\n`);
      status = 1;
    }
    for (const name of listFolder(files, normalise(folder))) {
      const entry = lookUp(files, normalise(`${folder}/${name}`));
      if (name.endsWith(suffix) && entry && (wanted === undefined || (entry.mode & 0o111) !== 0)) call.out(`${folder}/${name}\n`);
    }
  }
  return status;
};
