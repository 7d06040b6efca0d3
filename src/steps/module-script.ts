import { sh, withStdin } from '../core/command.ts';
import { UsageError } from '../core/error.ts';
import { type Change, change } from '../core/step.ts';
import { type FileState, file } from '../facts/file.ts';
import { moduleName } from '../facts/module-name.ts';
import { type ModuleScripts, SCRIPTS, moduleScripts } from '../facts/module-scripts.ts';
import { fileBack } from './file-back.ts';
import { modulesLoaded } from './modules-loaded.ts';

type State = { readonly file: FileState; readonly scripts: ModuleScripts };

/** Whether a path is one of the scripts that EL7 runs at boot. */
export const isModuleScript = (path: string): boolean => new RegExp(`^${SCRIPTS}/[^/]+\\.modules$`).test(path);

/** Why nothing would run a script on this node, if so. */
export const unrun = ({ service }: ModuleScripts): readonly string[] => {
  if (service === 'absent')
    return [`there is no rhel-loadmodules.service, so nothing runs ${SCRIPTS}: list the modules in /etc/modules-load.d`];
  return service === 'enabled' || service === 'static' ? [] : [`rhel-loadmodules.service is ${service}, so nothing runs ${SCRIPTS}`];
};

/**
 * Has modules loaded at boot by an executable script, as EL7 does it, and proves on the next boot that they are.
 *
 * A script that is there and only lacks its x bit gets that; one that loads something else is not rewritten. Source: initscripts of EL7, whose
 * rhel-loadmodules.service runs them.
 */
export const moduleScript = (names: readonly string[], options: { readonly file: string }): Change => {
  const path = options.file;
  if (!isModuleScript(path)) throw new UsageError(`moduleScript: ${path} is not a file like ${SCRIPTS}/NAME.modules`);
  const missing = ({ scripts }: State): readonly string[] =>
    names.filter((name) => !Object.values(scripts.files).some(({ executable, loads }) => executable && loads.includes(moduleName(name))));
  const own = ({ scripts }: State): readonly string[] => scripts.files[path]?.loads ?? [];
  const lacksOnlyX = (now: State): boolean => now.file.is === 'file' && missing(now).every((name) => own(now).includes(moduleName(name)));
  return change<State>({
    id: `module-script:${path}`,
    title: `load ${names.join(', ')} at boot`,
    wish: { file: path, names: names.toSorted() },
    takesEffect: 'boot',
    files: [path],
    observe: () => ({ all: { file: file(path), scripts: moduleScripts() } }),
    unmet: (now) => {
      const lost = missing(now);
      const silent = Object.entries(now.scripts.files).filter(([, one]) => !one.executable);
      return [
        ...unrun(now.scripts),
        ...lost.map((name) => {
          const script = silent.find(([, { loads }]) => loads.includes(moduleName(name)))?.[0];
          return script === undefined
            ? `no script in ${SCRIPTS} loads ${name}`
            : `${script} loads ${name} but is not executable, so rhel-loadmodules passes it over without a word`;
        }),
        ...(lost.length > 0 && now.file.is !== 'absent' && !lacksOnlyX(now)
          ? [`${path} is there and does something else, and drover does not rewrite scripts: name another file`]
          : []),
      ];
    },
    apply: (now) => {
      if (unrun(now.scripts).length > 0) return [];
      if (now.file.is === 'absent') {
        const content = ['#!/bin/sh', ...names.map((name) => `/sbin/modprobe ${name}`)];
        return [withStdin(sh`drover_write ${path} 0755 root:root`, `${content.join('\n')}\n`)];
      }
      return lacksOnlyX(now) ? [sh`drover_snapshot ${path} && chmod 0755 ${path}`] : [];
    },
    ...fileBack(path),
    proof: modulesLoaded(names, `module-script:${path}`),
  });
};
