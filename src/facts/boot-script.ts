import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { type FileState, file } from './file.ts';

/** The script that rc-local.service runs at boot: the file, and whether a line of it is the one that was asked for. */
export type BootScript = { readonly file: FileState; readonly says: boolean };

/** Reads `BootScript`; of the content only whether the line is there. */
export const bootScript = (path: string, line: string): Fact<BootScript> => ({
  all: { file: file(path), says: reading(sh`grep -qxF ${line} ${path}`, ({ exitCode }) => exitCode === 0) },
});
