import { sh, withStdin } from '../core/command.ts';
import { UsageError } from '../core/error.ts';
import { type Change, type Gate, change, gate } from '../core/step.ts';
import { type BootScript, bootScript as bootScriptState } from '../facts/boot-script.ts';
import { fileBack } from './file-back.ts';

/** Why drover leaves a script alone, if so. */
const foreign = ({ file, says }: BootScript, path: string, line: string): readonly string[] => {
  if (file.is === 'other') return [`${path} is a ${file.type}, which drover does not replace`];
  return file.is === 'absent' || says
    ? []
    : [`${path} does other things, and drover does not rewrite it: put the line ${line} in, before its exit`];
};

const isExecutable = (mode: string): boolean => (Number.parseInt(mode, 8) & 0o111) !== 0;

/**
 * Has one command run at each boot by the script that rc-local.service runs: /etc/rc.local, or /etc/rc.d/rc.local on EL.
 *
 * Without its x bit the script is passed over without a word, so it gets that. One that does something else is not rewritten: its `unmet` says which
 * line to put in. Source: systemd-rc-local-generator(8).
 */
export const bootScript = (line: string, options: { readonly file: string }): Change => {
  const { file: path } = options;
  if (!/^\/etc\/(?:rc\.d\/)?rc\.local$/.test(path))
    throw new UsageError(`bootScript: ${path} is neither /etc/rc.local nor /etc/rc.d/rc.local`);
  if (line.trim() === '' || line.includes('\n')) throw new UsageError('bootScript: the command has to be one line');
  return change<BootScript>({
    id: `boot-script:${path}`,
    title: `run ${line} at boot`,
    wish: { file: path, line },
    observe: () => bootScriptState(path, line),
    unmet: (now) => {
      if (now.file.is === 'absent') return [`${path} is not there`];
      const silent = now.file.is === 'file' && !isExecutable(now.file.mode);
      return [...foreign(now, path, line), ...(silent ? [`${path} is not executable, so nothing runs it at boot`] : [])];
    },
    apply: ({ file, says }) => {
      if (file.is === 'absent') return [withStdin(sh`drover_write ${path} 0755 root:root`, `#!/bin/sh\n${line}\n`)];
      return file.is === 'file' && says ? [sh`drover_snapshot ${path} && chmod 0755 ${path}`] : [];
    },
    ...fileBack(path),
  });
};

/** A boot script is drover's to write: there is none, or it has the line. */
export const bootScriptFree = (line: string, { file: path }: { readonly file: string }): Gate =>
  gate<BootScript>({
    id: `preflight:boot-script:${path}`,
    title: `${path} can run ${line}`,
    wish: { file: path, line },
    observe: () => bootScriptState(path, line),
    unmet: (now) => foreign(now, path, line),
  });
