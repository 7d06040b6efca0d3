import { sh, withStdin } from '../core/command.ts';
import { UsageError } from '../core/error.ts';
import { type Change, type Outlook, change } from '../core/step.ts';
import { type Boot, boot } from '../facts/boot.ts';
import { type FileState, file } from '../facts/file.ts';
import { moduleName } from '../facts/module-name.ts';
import { type ModulesListed, listedIn, modulesListed } from '../facts/modules-listed.ts';
import { type ModulesPresent, type Presence, modulesPresent } from '../facts/modules-present.ts';
import { fileBack } from './file-back.ts';
import { modulesLoaded } from './modules-loaded.ts';

type State = { readonly file: FileState; readonly listed: ModulesListed };
/** What there is to know where it depends on the kernel which modules are wanted. */
type Kernel = { readonly boot: Boot; readonly present: ModulesPresent };

const folder = /^\/(etc|run|usr\/local\/lib|usr\/lib)\/modules-load\.d\/[^/]+\.conf$/;

const lists = (
  path: string,
  names: readonly string[],
  wanted: (now: State) => readonly string[],
): Pick<Change<State>, 'unmet' | 'apply'> => {
  const missing = (now: State): readonly string[] => wanted(now).filter((name) => listedIn(now.listed, name) === null);
  return {
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
      const all = wanted(now);
      const known = [...names, ...all].map(moduleName);
      return [
        withStdin(sh`drover_write ${path} 0644 root:root`, `${[...kept.filter((name) => !known.includes(name)), ...all].join('\n')}\n`),
      ];
    },
  };
};

/** The name under which a kernel loads an optional module; null where there is nothing to load: built in, or absent. */
const loads = (name: string, { as, of }: Presence): string | null =>
  as === 'loadable' || as === 'alias' ? name : as === 'merged' ? (of[0] ?? null) : null;

const aside = (name: string, { as, of }: Presence): string | null => {
  if (as === 'built-in') return `${name} is built in${of.length > 0 ? ` (${of.join(', ')})` : ''}`;
  if (as === 'merged') return `${name} was merged into ${of.join(', ')}`;
  return as === 'absent' ? `${name} is not there, and left out` : null;
};

/** The same where some modules are wanted only of kernels that have them: what the next kernel loads decides. */
const withOptional = (path: string, names: readonly string[], optional: readonly string[]): Change => {
  type Seen = State & { readonly kernel: Kernel };
  const has = ({ boot: { nextKernel }, present }: Kernel, name: string): Presence =>
    present.kernels[nextKernel]?.[name] ?? { as: 'absent', of: [] };
  const kernel = { all: { boot: boot(), present: modulesPresent([...names, ...optional]) } };
  const outlook: Outlook<Kernel> = {
    observe: () => kernel,
    words: (now) => [...names, ...optional].flatMap((name) => aside(name, has(now, name)) ?? []),
  };
  const wanted = (now: Seen): readonly string[] => [
    ...new Set([
      ...names.map((name) => loads(name, has(now.kernel, name)) ?? name),
      ...optional.flatMap((name) => loads(name, has(now.kernel, name)) ?? []),
    ]),
  ];
  const by = (now: Seen): ReturnType<typeof lists> => lists(path, [...names, ...optional], () => wanted(now));
  return change<Seen>({
    id: `kernel-modules:${path}`,
    title: `load ${names.length} modules at boot, and those of ${optional.length} more that the kernel has`,
    wish: { file: path, names: names.toSorted(), optional: optional.toSorted() },
    takesEffect: 'boot',
    files: [path],
    observe: () => ({ all: { file: file(path), kernel, listed: modulesListed() } }),
    unmet: (now, before, ctx) => by(now).unmet(now, before, ctx),
    apply: (now, ctx) => by(now).apply(now, ctx),
    ...fileBack(path),
    outlook,
    proof: modulesLoaded(names, `kernel-modules:${path}`, optional),
  });
};

/**
 * Lists modules to be loaded at boot, and proves on the next boot that they are: loaded, built in, or under the name they were merged into.
 *
 * The file is only written when a name is not listed yet where systemd reads it; names that the file has already are kept. `optional` modules are loaded
 * where the kernel has them; what it has built in, or not at all, is left out, and what was merged is listed by its new name. Source: modules-load.d(5).
 */
export const kernelModules = (
  names: readonly string[],
  options: { readonly file: string; readonly optional?: readonly string[] },
): Change => {
  const path = options.file;
  if (!folder.test(path)) {
    throw new UsageError(`kernelModules: systemd does not read ${path}; the file has to be one like /etc/modules-load.d/NAME.conf`);
  }
  if (options.optional) return withOptional(path, names, options.optional);
  return change<State>({
    id: `kernel-modules:${path}`,
    title: `load ${names.join(', ')} at boot`,
    wish: { file: path, names: names.toSorted() },
    takesEffect: 'boot',
    files: [path],
    observe: () => ({ all: { file: file(path), listed: modulesListed() } }),
    ...lists(path, names, () => names),
    ...fileBack(path),
    proof: modulesLoaded(names, `kernel-modules:${path}`),
  });
};
