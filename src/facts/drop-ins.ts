import { lines } from './answer.ts';

/** The directories of modules-load.d(5), modprobe.d(5) and sysctl.d(5), the strongest first. */
const ROOTS = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'] as const;

/** The glob patterns of a drop-in directory, the strongest first, e.g. `/etc/modules-load.d/*.conf`. */
export const dropInGlobs = (directory: 'modules-load.d' | 'modprobe.d' | 'sysctl.d'): readonly string[] =>
  ROOTS.map((root) => `${root}/${directory}/*.conf`);

/** The lines of a file that counts. */
export type DropIn = { readonly path: string; readonly lines: readonly string[] };

/**
 * The drop-in files that count, from `ls -1d` (one path a line) and `grep -H` (`path:line`): of two files with the same name only the one in the
 * stronger directory does, even when it is empty or a link to /dev/null. They come in the order in which they are read: by name, whatever the
 * directory.
 */
export const effectiveDropIns = (text: string): readonly DropIn[] => {
  const all = lines(text);
  const strongest = new Map<string, string>();
  const place = (path: string): number => ROOTS.findIndex((root) => path.startsWith(`${root}/`));
  for (const path of all.filter((line) => /^\/[^:]*\.conf$/.test(line)).toSorted((a, b) => place(a) - place(b))) {
    const name = path.split('/').at(-1) ?? path;
    if (!strongest.has(name)) strongest.set(name, path);
  }
  return [...strongest]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, path]) => ({
      path,
      lines: all.filter((line) => line.startsWith(`${path}:`)).map((line) => line.slice(path.length + 1).trim()),
    }));
};

/** The values of some parameters of the kernel's command line, comma-separated there; `-` and `_` are the same in a parameter's name. */
export const kernelArguments = (commandLine: string, parameters: readonly string[]): readonly string[] =>
  commandLine.split(/\s+/).flatMap((word) => {
    const [name = '', value = ''] = word.split('=', 2);
    return parameters.includes(name.replaceAll('-', '_')) ? value.split(',').filter((item) => item !== '') : [];
  });
