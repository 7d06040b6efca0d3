import { type Files, listFolder, lookUp, textFile } from './files.ts';

/** A module as a kernel's files describe it. */
export type KernelModule = { readonly depends: readonly string[]; readonly aliases: readonly string[] };
/** What a kernel brings: modules to load, and those that are built in. */
export type KernelImage = { readonly modules: Readonly<Record<string, KernelModule>>; readonly builtin: readonly string[] };
/** The kernels of a machine and what the running one has loaded, in the order of loading. */
export type Kernel = { readonly installed: Map<string, KernelImage>; running: string; readonly loaded: Set<string> };

/** Module names are the same with `-` and `_`. */
export const moduleName = (name: string): string => name.replaceAll('-', '_');

/** Compares version texts as `sort -V` does. */
export const compareVersions = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/** The kernel that the next boot starts: the newest installed. */
export const newestKernel = (kernel: Kernel): string => [...kernel.installed.keys()].sort(compareVersions).at(-1) ?? kernel.running;

/** The modules that a name stands for in a kernel: itself or what has it as an alias; `builtin` and `undefined` (unknown) are other answers. */
export const resolveModule = (image: KernelImage, name: string): readonly string[] | 'builtin' | undefined => {
  const wanted = moduleName(name);
  if (image.modules[wanted]) return [wanted];
  if (image.builtin.includes(wanted)) return 'builtin';
  const behind = Object.entries(image.modules).flatMap(([module, { aliases }]) => (aliases.includes(name) ? [module] : []));
  return behind.length > 0 ? behind : undefined;
};

/** Names that `blacklist NAME` lines of modprobe.d(5) keep from being loaded by an alias or at boot. */
export const blacklisted = (files: Files): ReadonlySet<string> => {
  const names = ['/usr/lib/modprobe.d', '/lib/modprobe.d', '/run/modprobe.d', '/etc/modprobe.d'].flatMap((dir) =>
    listFolder(files, dir).flatMap((name) => {
      const entry = lookUp(files, `${dir}/${name}`);
      if (!name.endsWith('.conf') || entry?.kind !== 'file') return [];
      return entry.content.split('\n').flatMap((line) => /^\s*blacklist\s+(\S+)/.exec(line)?.[1] ?? []);
    }),
  );
  return new Set(names.map(moduleName));
};

/** Loads a module after what it depends on. */
export const loadModule = (kernel: Kernel, name: string): void => {
  const image = kernel.installed.get(kernel.running);
  if (!image || kernel.loaded.has(name)) return;
  for (const dependency of image.modules[name]?.depends ?? []) loadModule(kernel, dependency);
  kernel.loaded.add(name);
};

/** The loaded modules that need this one, latest first, as the last column of lsmod(8) has them. */
export const usedBy = (kernel: Kernel, name: string): readonly string[] => {
  const image = kernel.installed.get(kernel.running);
  return [...kernel.loaded].reverse().filter((other) => image?.modules[other]?.depends.includes(name));
};

/** Where a module's file would be, below /lib/modules/VERSION. */
export const moduleFile = (name: string): string => `kernel/net/${name}.ko.xz`;

/** Lays down what depmod(8) and the kernel package leave in /lib/modules. */
export const writeKernelFiles = (files: Files, version: string, image: KernelImage): void => {
  const dir = `/lib/modules/${version}`;
  const put = (name: string, lines: readonly string[]): unknown =>
    files.entries.set(`${dir}/${name}`, textFile(lines.map((line) => `${line}\n`).join('')));
  const modules = Object.entries(image.modules);
  put(
    'modules.builtin',
    image.builtin.map((name) => `kernel/${name}.ko`),
  );
  put(
    'modules.dep',
    modules.map(([name, { depends }]) => [`${moduleFile(name)}:`, ...depends.map(moduleFile)].join(' ')),
  );
  put('modules.alias', [
    '# Aliases extracted from modules themselves.',
    ...modules.flatMap(([name, { aliases }]) => aliases.map((alias) => `alias ${alias} ${name}`)),
  ]);
  // NUL after each entry, no line ends
  files.entries.set(
    `${dir}/modules.builtin.modinfo`,
    textFile(image.builtin.map((name) => `${name}.license=GPL\0${name === 'unix' ? 'unix.alias=net-pf-1\0' : ''}`).join('')),
  );
  put(
    'modules.order',
    modules.map(([name]) => `kernel/net/${name}.ko`),
  );
  files.entries.set(`/boot/vmlinuz-${version}`, textFile('bzImage\n', 0o755));
};
