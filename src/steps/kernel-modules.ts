import { sh, withStdin } from '../core/command.ts';
import { UsageError } from '../core/error.ts';
import { sameJson } from '../core/json.ts';
import { type Change, change } from '../core/step.ts';
import { type FileState, file } from '../facts/file.ts';
import { moduleName } from '../facts/module-name.ts';
import { type ModulesListed, listedIn, modulesListed } from '../facts/modules-listed.ts';
import { modulesLoaded } from './modules-loaded.ts';

type State = { readonly file: FileState; readonly listed: ModulesListed };

const folder = /^\/(etc|run|usr\/local\/lib|usr\/lib)\/modules-load\.d\/[^/]+\.conf$/;

/**
 * Lists modules to be loaded at boot, and proves on the next boot that they are: loaded, built in, or under the name they were merged into.
 *
 * The file is only written when a name is not listed yet where systemd reads it; names that the file has already are kept. Source: modules-load.d(5).
 */
export const kernelModules = (names: readonly string[], options: { readonly file: string }): Change => {
  const path = options.file;
  if (!folder.test(path)) {
    throw new UsageError(`kernelModules: systemd does not read ${path}; the file has to be one like /etc/modules-load.d/NAME.conf`);
  }
  const missing = (now: State): readonly string[] => names.filter((name) => listedIn(now.listed, name) === null);
  return change<State>({
    id: `kernel-modules:${path}`,
    title: `load ${names.join(', ')} at boot`,
    wish: { file: path, names: names.toSorted() },
    takesEffect: 'boot',
    files: [path],
    observe: () => ({ all: { file: file(path), listed: modulesListed() } }),
    unmet: (now) => [
      ...(missing(now).length > 0 && now.file.is === 'other' ? [`${path} is a ${now.file.type}, which drover does not replace`] : []),
      ...missing(now).map((name) =>
        now.listed.etcModules.includes(moduleName(name))
          ? `${name} is listed only in /etc/modules, which systemd does not read`
          : `${name} is not listed in modules-load.d`,
      ),
    ],
    apply: (now) => {
      if (now.file.is === 'other') return [];
      const base = path.split('/').at(-1) ?? path;
      // a file of the same name in another directory is hidden by this one: its names count on
      const kept = Object.entries(now.listed.files).flatMap(([other, listed]) => (other.endsWith(`/${base}`) ? listed : []));
      const content = [...kept.filter((name) => !names.map(moduleName).includes(name)), ...names];
      return [withStdin(sh`drover_write ${path} 0644 root:root`, `${content.join('\n')}\n`)];
    },
    rollback: (before) => (before.file.is === 'other' ? [] : [sh`drover_restore ${path}`]),
    restored: (now, before) => (sameJson(now.file, before.file) ? [] : [`${path} is not what it was before`]),
    proof: modulesLoaded(names, `kernel-modules:${path}`),
  });
};
