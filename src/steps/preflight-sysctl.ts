import { type Gate, gate } from '../core/step.ts';
import { type ModuleScripts, moduleScripts } from '../facts/module-scripts.ts';
import { type ModulesPresent, modulesPresent } from '../facts/modules-present.ts';
import { type Sysctl, sysctl } from '../facts/sysctl.ts';
import { moduleOfKey, modulesOfKeys } from '../facts/sysctl-key.ts';
import { unrun } from './module-script.ts';
import { overridden } from './sysctl.ts';
import type { SysctlWishes } from './sysctl-wish.ts';

type State = { readonly modules: ModulesPresent; readonly sysctl: Sysctl };

/** The kernel has the keys, or the module that brings them, and no file that is read later would set them otherwise. */
export const sysctlEffective = (wishes: SysctlWishes, { file }: { readonly file: string }): Gate => {
  const keys = Object.keys(wishes);
  return gate<State>({
    id: `preflight:sysctl:${file}`,
    title: `what ${file} says would count`,
    wish: { ...wishes },
    observe: () => ({ all: { modules: modulesPresent(modulesOfKeys(keys)), sysctl: sysctl(keys, file) } }),
    unmet: (now) => [
      ...keys.flatMap((key) => {
        if (now.sysctl.keys[key]?.live !== null) return [];
        const module = moduleOfKey(key);
        if (module === null) return [`kernel ${now.modules.running} has no key ${key}`];
        return now.modules.loaded.includes(module) ? [`${module} is loaded, and there is no key ${key}`] : [];
      }),
      ...overridden(now.sysctl, file, wishes),
    ],
  });
};

/** Something runs the scripts of /etc/sysconfig/modules at boot: only EL7 has it. */
export const moduleScriptsRun = (): Gate =>
  gate<ModuleScripts>({
    id: 'preflight:module-scripts',
    title: 'scripts that load modules are run at boot',
    wish: 'run',
    observe: () => moduleScripts(),
    unmet: unrun,
  });
