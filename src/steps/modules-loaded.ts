import { type Gate, gate } from '../core/step.ts';
import { type ModulesPresent, modulesPresent } from '../facts/modules-present.ts';

/** In memory on this boot, or part of the kernel that runs. */
const inPlace = (now: ModulesPresent, name: string): boolean =>
  now.loaded.includes(name) || now.kernels[now.running]?.[name]?.as === 'built-in';

/** The proof of a change that has modules loaded at boot: loaded, built in, or under the name they were merged into. */
export const modulesLoaded = (names: readonly string[], of: string): Gate =>
  gate<ModulesPresent>({
    id: `${of}:loaded`,
    title: `${names.join(', ')} loaded on the new boot`,
    wish: names.toSorted(),
    within: '20s',
    observe: () => modulesPresent(names),
    unmet: (now) => {
      const has = (name: string): string =>
        (now.kernels[now.running]?.[name]?.as ?? 'absent') === 'absent' ? `, which kernel ${now.running} does not have at all` : '';
      return names.filter((name) => !inPlace(now, name)).map((name) => `${name} is neither loaded nor built in${has(name)}`);
    },
  });
