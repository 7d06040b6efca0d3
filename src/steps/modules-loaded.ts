import { type Gate, gate } from '../core/step.ts';
import { type ModulesPresent, modulesPresent } from '../facts/modules-present.ts';

/** In memory on this boot, or part of the kernel that runs. */
const inPlace = (now: ModulesPresent, name: string): boolean =>
  now.loaded.includes(name) || now.kernels[now.running]?.[name]?.as === 'built-in';

/** Whether the kernel that runs has a module in no way at all. */
const lacks = (now: ModulesPresent, name: string): boolean => (now.kernels[now.running]?.[name]?.as ?? 'absent') === 'absent';

/**
 * The proof of a change that has modules loaded at boot: loaded, built in, or under the name they were merged into; of the optional ones, those that
 * the kernel has.
 */
export const modulesLoaded = (names: readonly string[], of: string, optional: readonly string[] = []): Gate =>
  gate<ModulesPresent>({
    id: `${of}:loaded`,
    title: `${names.join(', ')} loaded on the new boot`,
    wish: optional.length === 0 ? names.toSorted() : { names: names.toSorted(), optional: optional.toSorted() },
    within: '20s',
    observe: () => modulesPresent([...names, ...optional]),
    unmet: (now) => {
      const has = (name: string): string => (lacks(now, name) ? `, which kernel ${now.running} does not have at all` : '');
      const wanted = [...names, ...optional.filter((name) => !lacks(now, name))];
      return wanted.filter((name) => !inPlace(now, name)).map((name) => `${name} is neither loaded nor built in${has(name)}`);
    },
  });
