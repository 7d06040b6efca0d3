import { sh } from '../core/command.ts';
import { sameJson } from '../core/json.ts';
import type { Change } from '../core/step.ts';
import type { FileState } from '../facts/file.ts';

/** The way back of a change that writes one file: the copy that the node has taken of it before is put back, byte for byte. */
export const fileBack = (path: string): Pick<Change<{ readonly file: FileState }>, 'rollback' | 'restored'> => ({
  rollback: ({ file }) => (file.is === 'other' ? [] : [sh`drover_restore ${path}`]),
  restored: (now, before) => (sameJson(now.file, before.file) ? [] : [`${path} is not what it was before`]),
});
