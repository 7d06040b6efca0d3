import { describe } from './describe.ts';
import { type FileEntry, NO_SPACE, listFolder, lookUp, putFile, removePath, sha256, textFile } from './files.ts';
import type { Machine } from './machine.ts';

/** Where drover keeps its state on a node. */
export const DROVER_HOME = '/var/lib/drover';

const slot = (runDir: string, path: string): string => `${runDir}/files/${sha256(path)}`;
const content = (machine: Machine, path: string): string | undefined => {
  const entry = lookUp(machine.files, path);
  return entry?.kind === 'file' ? entry.content : undefined;
};

/** Keeps a file, or that it is absent, once a run; the reason why not, or undefined. */
export const keep = (machine: Machine, runDir: string, path: string): string | undefined => {
  const at = slot(runDir, path);
  if (content(machine, `${at}/state`) !== undefined) return undefined;
  const entry = lookUp(machine.files, path);
  if (entry && entry.kind !== 'file') return `${path} is no plain file but a ${entry.kind}; name the file itself`;
  if (machine.files.full) return `could not keep a copy of ${path} (see above); nothing was changed`;
  const put = (name: string, text: string): unknown => putFile(machine.files, `${at}/${name}`, textFile(text, 0o600));
  put('path', `${path}\n`);
  if (entry) put('bytes', entry.content);
  put('state', `${describe(machine, path)}\n`);
  return undefined;
};

/** Puts a file in place; the reason why not, or undefined. The old file is whole then. */
export const put = (machine: Machine, path: string, file: FileEntry): string | undefined => {
  const entry = lookUp(machine.files, path);
  if (entry && entry.kind !== 'file') return `${path} is no plain file; it was left as it is`;
  const problem = machine.files.full ? NO_SPACE : putFile(machine.files, path, file);
  return problem === undefined ? undefined : `could not write ${path} (see above); what was there is as it was`;
};

/** Puts a run's snapshot back; `missing` when there is none. */
export const restore = (machine: Machine, runDir: string, path: string): 'missing' | { readonly problem: string | undefined } => {
  const at = slot(runDir, path);
  const state = content(machine, `${at}/state`)?.trim();
  if (state === undefined) return 'missing';
  if (state === 'absent') {
    removePath(machine.files, path);
    return { problem: undefined };
  }
  const [, mode = '0644', owner = 'root', group = 'root'] = state.split(' ');
  return {
    problem: put(machine, path, { kind: 'file', content: content(machine, `${at}/bytes`) ?? '', mode: parseInt(mode, 8), owner, group }),
  };
};

/** What a run keeps: `PATH STATE SHA256` a line, as `drover_snapshots` prints it. */
export const listSnapshots = (machine: Machine, runDir: string): readonly string[] =>
  listFolder(machine.files, `${runDir}/files`).flatMap((name) => {
    const [path, state] = ['path', 'state'].map((part) => content(machine, `${runDir}/files/${name}/${part}`)?.trim());
    if (path === undefined || state === undefined) return [];
    const [kind = '', , , , sum = '-'] = state.split(' ');
    return [`${path} ${kind} ${sum}`];
  });
