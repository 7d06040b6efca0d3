import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { senseless } from './answer.ts';

/**
 * What is at a path. `mode` is four octal digits, `sha256` in hex, `label` the SELinux context or `-`; `other` names what it is instead of a
 * regular file (directory, symlink …).
 */
export type FileState =
  | { readonly is: 'absent' }
  | {
      readonly is: 'file';
      readonly group: string;
      readonly label: string;
      readonly mode: string;
      readonly owner: string;
      readonly sha256: string;
    }
  | { readonly is: 'other'; readonly type: string };

/** Reads `FileState`; never the content, which may be secret. */
export const file = (path: string): Fact<FileState> =>
  reading(sh`drover_file ${path}`, (result) => {
    const [is, ...words] = result.stdout.trim().split(' ');
    if (result.exitCode !== 0) throw senseless(path, result);
    switch (is) {
      case 'absent':
        return { is };
      case 'other':
        return { is, type: words.join(' ') };
      case 'file': {
        const [mode, owner, group, sha256, label = '-'] = words;
        if (mode !== undefined && owner !== undefined && group !== undefined && sha256 !== undefined)
          return { is, group, label, mode, owner, sha256 };
      }
    }
    throw senseless(path, result);
  });
