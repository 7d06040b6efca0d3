import { hash } from 'node:crypto';

/** Who may do what with an entry; `mode` has the permission bits only. */
type Rights = { readonly mode: number; readonly owner: string; readonly group: string };
/** What a path of the virtual file system holds. Entries are never changed, only replaced. */
export type Entry =
  | (Rights & { readonly kind: 'file'; readonly content: string })
  | (Rights & { readonly kind: 'directory' })
  | (Rights & { readonly kind: 'symlink'; readonly target: string });
/** A regular file. */
export type FileEntry = Extract<Entry, { kind: 'file' }>;

/** A file system: absolute, normalised paths. Folders without an entry of their own exist through what is in them. */
export type Files = { readonly entries: Map<string, Entry>; full: boolean };

/** Thrown when a write finds no space; the old file is whole then. */
export const NO_SPACE = 'No space left on device';

/** Resolves `.`, `..` and double slashes; relative paths start at `/root`, where a login begins. */
export const normalise = (path: string, cwd = '/root'): string => {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
};

/** The folder that a path stands in. */
export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

/** A regular file with root's usual rights. */
export const textFile = (content: string, mode = 0o644): FileEntry => ({ kind: 'file', content, mode, owner: 'root', group: 'root' });

const folder: Entry = { kind: 'directory', mode: 0o755, owner: 'root', group: 'root' };

/** The names in a folder, sorted by their bytes; empty when there is none. */
export const listFolder = (files: Files, path: string): readonly string[] => {
  const prefix = path === '/' ? '/' : `${path}/`;
  const names = new Set<string>();
  for (const key of files.entries.keys()) {
    if (key.startsWith(prefix) && key.length > prefix.length) names.add(key.slice(prefix.length).split('/', 1)[0] ?? '');
  }
  return [...names].sort();
};

/** The entry itself, a symbolic link not followed. */
export const lookUp = (files: Files, path: string): Entry | undefined => {
  const entry = files.entries.get(path);
  if (entry) return entry;
  if (path === '/') return folder;
  const prefix = `${path}/`;
  for (const key of files.entries.keys()) if (key.startsWith(prefix)) return folder;
  return undefined;
};

/** The entry behind a path, up to eight symbolic links followed at its end. */
export const follow = (files: Files, path: string): { readonly path: string; readonly entry: Entry | undefined } => {
  let at = path;
  for (let hop = 0; hop < 8; hop++) {
    const entry = lookUp(files, at);
    if (entry?.kind !== 'symlink') return { path: at, entry };
    at = normalise(entry.target, parentOf(at));
  }
  return { path: at, entry: undefined };
};

/**
 * Puts a file in place at once, as rename(2) does.
 *
 * @returns why not, or undefined when it is done
 */
export const putFile = (files: Files, path: string, file: FileEntry): string | undefined => {
  if (files.full && file.content !== '') return NO_SPACE;
  if (lookUp(files, path)?.kind === 'directory') return 'Is a directory';
  files.entries.set(path, file);
  return undefined;
};

/** Removes an entry and, for a folder, all that is in it; tells whether there was any. */
export const removePath = (files: Files, path: string): boolean => {
  let any = files.entries.delete(path);
  for (const key of files.entries.keys()) {
    if (key.startsWith(`${path}/`)) any = files.entries.delete(key) || any;
  }
  return any;
};

/** Hex digest of a file's content. */
export const sha256 = (content: string): string => hash('sha256', content);
