import { sh, withStdin } from '../core/command.ts';
import { UsageError } from '../core/error.ts';
import { type Change, type Gate, change, gate } from '../core/step.ts';
import { type FileState, file } from '../facts/file.ts';
import { type Sysctl, type SysctlSet, setsKey, sysctl as sysctlState } from '../facts/sysctl.ts';
import { moduleOfKey, modulesOfKeys } from '../facts/sysctl-key.ts';
import { fileBack } from './file-back.ts';
import { kernelModules } from './kernel-modules.ts';
import { isModuleScript, moduleScript } from './module-script.ts';
import { type SysctlWish, type SysctlWishes, meets, valueOf, wishWords } from './sysctl-wish.ts';

type State = { readonly file: FileState; readonly sysctl: Sysctl };

const folder = /^\/etc\/sysctl\.d\/[^/]+\.conf$/;
const nameOf = (path: string): string => path.split('/').at(-1) ?? path;
const settings = (wishes: SysctlWishes): string =>
  Object.entries(wishes)
    .map(([key, wish]) => `${key} to ${wishWords(wish)}`)
    .join(', ');

/** Where the file that wins is named differently from what people edit. */
const called = (now: Sysctl, path: string): string =>
  now.conf.linked && path === '/etc/sysctl.d/99-sysctl.conf' ? '/etc/sysctl.conf (by its link 99-sysctl.conf)' : path;

/** The file that is read behind one's own and sets a key otherwise, so that writing would be in vain. */
const overriding = (now: Sysctl, path: string, key: string, wish: SysctlWish): SysctlSet | undefined => {
  const last = now.keys[key]?.sets.at(-1);
  return last && !last.pattern && nameOf(last.file) > nameOf(path) && !meets(wish, last.value) ? last : undefined;
};

/** Why what one's own file says would not count, if so: in words that name the other file. */
export const overridden = (now: Sysctl, path: string, wishes: SysctlWishes): readonly string[] =>
  Object.entries(wishes).flatMap(([key, wish]) => {
    const other = overriding(now, path, key, wish);
    if (other)
      return [
        `${called(now, other.file)} sets ${key} to ${other.value} and is read behind ${path}: take that line out, or name a file that comes later`,
      ];
    const value = now.conf.values[key];
    return !now.conf.linked && value !== undefined && !meets(wish, value)
      ? [
          `/etc/sysctl.conf sets ${key} to ${value}: systemd does not read it here, but sysctl -p and sysctl --system do; take that line out`,
        ]
      : [];
  });

/** What the next boot will set a key to is not as wished, in words; null when it is. */
const unset = (now: Sysctl, path: string, key: string, wish: SysctlWish): string | null => {
  const { live = null, sets = [] } = now.keys[key] ?? {};
  const last = sets.at(-1);
  if (last && meets(wish, last.value)) return null;
  const other = overriding(now, path, key, wish);
  if (other) return `${called(now, other.file)} sets ${key} to ${other.value} and is read behind ${path}`;
  if (last) return `${called(now, last.file)} sets ${key} to ${last.value}, not ${wishWords(wish)}`;
  if (meets(wish, live)) return `${key} is ${live} only until the next boot: no file sets it`;
  return live === null ? `no file sets ${key}` : `no file sets ${key}, which is ${live}, not ${wishWords(wish)}`;
};

/** The proof of a sysctl file: the keys have their values on this boot. */
export const sysctlLive = (wishes: SysctlWishes, of: string): Gate =>
  gate<Sysctl>({
    id: `${of}:live`,
    title: `${Object.keys(wishes).join(', ')} as wished on the new boot`,
    wish: { ...wishes },
    within: '20s',
    observe: () => sysctlState(Object.keys(wishes)),
    unmet: (now) =>
      Object.entries(wishes).flatMap(([key, wish]) => {
        const { live = null, sets = [] } = now.keys[key] ?? {};
        const module = moduleOfKey(key);
        if (live === null) return [`${key} does not exist on this boot${module === null ? '' : `: ${module} is not loaded`}`];
        if (meets(wish, live)) return [];
        const last = sets.at(-1);
        const late =
          module === null
            ? 'something else changed it since'
            : `${module} was loaded after systemd-sysctl, or something else changed it since`;
        return [
          `${key} is ${live}, not ${wishWords(wish)}${last && meets(wish, last.value) ? `, although ${called(now, last.file)} sets it: ${late}` : ''}`,
        ];
      }),
  });

const written = (wishes: SysctlWishes, path: string): Change =>
  change<State>({
    id: `sysctl:${path}`,
    title: `set ${settings(wishes)} at boot`,
    wish: { file: path, keys: { ...wishes } },
    takesEffect: 'boot',
    files: [path],
    observe: () => ({ all: { file: file(path), sysctl: sysctlState(Object.keys(wishes), path) } }),
    unmet: (now) => {
      const reasons = Object.entries(wishes).flatMap(([key, wish]) => unset(now.sysctl, path, key, wish) ?? []);
      return now.file.is === 'other' && reasons.length > 0
        ? [`${path} is a ${now.file.type}, which drover does not replace`, ...reasons]
        : reasons;
    },
    apply: (now) => {
      const open = Object.entries(wishes).filter(([key, wish]) => unset(now.sysctl, path, key, wish) !== null);
      if (now.file.is === 'other' || open.length === 0 || open.some(([key, wish]) => overriding(now.sysctl, path, key, wish))) return [];
      const kept = now.sysctl.own.filter((line) => !open.some(([key]) => setsKey(line, key)));
      const lines = [...kept, ...open.map(([key, wish]) => `${key} = ${valueOf(wish)}`)];
      return [withStdin(sh`drover_write ${path} 0644 root:root`, `${lines.join('\n')}\n`)];
    },
    ...fileBack(path),
    proof: sysctlLive(wishes, `sysctl:${path}`),
  });

/**
 * Sets keys of /proc/sys at boot, and proves on the next boot that they have their values: the module that a key needs is loaded early, and
 * then systemd-sysctl finds the key.
 *
 * Gives the steps in their order: where a key exists only while a module is loaded, `modules` has to name the file that loads it (modules-load.d, or a script
 * of /etc/sysconfig/modules on EL7), because systemd-sysctl runs before docker and whoever else may load it, and passes missing keys over. Assignments that
 * the file has already are kept. Sources: sysctl.d(5), systemd-sysctl.service(8).
 */
export const sysctl = (wishes: SysctlWishes, options: { readonly file: string; readonly modules?: string }): readonly Change[] => {
  const keys = Object.keys(wishes);
  const names = modulesOfKeys(keys);
  if (!folder.test(options.file)) throw new UsageError(`sysctl: ${options.file} is not a file like /etc/sysctl.d/NAME.conf`);
  const wild = keys.find((key) => !/^[\w./:@-]+$/.test(key));
  if (wild !== undefined) throw new UsageError(`sysctl: ${wild} is not the name of one key`);
  if (names.length === 0) return [written(wishes, options.file)];
  if (options.modules === undefined) {
    const key = keys.find((one) => moduleOfKey(one) !== null) ?? '';
    throw new UsageError(
      `sysctl: ${key} exists only while ${moduleOfKey(key) ?? ''} is loaded, which nothing promises when systemd-sysctl runs: say modules, the file that loads it at boot`,
    );
  }
  const load = isModuleScript(options.modules) ? moduleScript : kernelModules;
  return [load(names, { file: options.modules }), written(wishes, options.file)];
};
