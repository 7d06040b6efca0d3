import { createHash } from 'node:crypto';
import { sh, withStdin } from '../core/command.ts';
import { UsageError } from '../core/error.ts';
import { type Change, change } from '../core/step.ts';
import { type FileState, file as fileState } from '../facts/file.ts';

/** What a file should be; `mode` is four octal digits, `owner` is `USER:GROUP`. */
export type FileWish = { readonly content: string; readonly mode?: string; readonly owner?: string };

/** Writes a file, whole or not at all; the way back restores its bytes, mode, owner and label, or removes it. The content must not be secret. */
export const file = (path: string, { content, mode = '0644', owner = 'root:root' }: FileWish): Change => {
  if (!path.startsWith('/')) throw new UsageError(`file: ${path} is not an absolute path`);
  if (!/^[0-7]{4}$/.test(mode)) throw new UsageError(`file: the mode ${mode} of ${path} is not four octal digits, like 0644`);
  // what the guard of an address move puts back as well: what decides how the next boot comes up
  const files = /^\/etc\/(?:sysctl\.d|modules-load\.d|modprobe\.d)\//.test(path) ? { files: [path] } : {};
  const sha256 = createHash('sha256').update(content).digest('hex');
  return change<FileState>({
    id: `file:${path}`,
    title: `write ${path}`,
    wish: { mode, owner, path, sha256 },
    ...files,
    observe: () => fileState(path),
    unmet: (now) => {
      if (now.is === 'absent') return [`${path} is not there`];
      if (now.is === 'other') return [`${path} is a ${now.type}, which drover does not replace`];
      const owned = `${now.owner}:${now.group}`;
      return [
        ...(now.sha256 === sha256 ? [] : [`${path} has other content`]),
        ...(now.mode === mode ? [] : [`${path} has the mode ${now.mode}, not ${mode}`]),
        ...(owned === owner ? [] : [`${path} belongs to ${owned}, not to ${owner}`]),
      ];
    },
    apply: (now) => (now.is === 'other' ? [] : [withStdin(sh`drover_write ${path} ${mode} ${owner}`, content)]),
    rollback: (before) => (before.is === 'other' ? [] : [sh`drover_restore ${path}`]),
  });
};
