import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { lines, senseless } from './answer.ts';
import { mergedInto } from './modules-merged.ts';
import { moduleName, modulePattern, nameOfFile } from './module-name.ts';

/** How a kernel has a module: `alias` means that the name stands for the modules in `of`, `merged` that nothing has the name any more and `of` does its work. */
export type Presence = { readonly as: 'loadable' | 'built-in' | 'alias' | 'merged' | 'absent'; readonly of: readonly string[] };

/** Some modules on a node, under the names they were asked for: in each installed kernel, and in the running one's memory. */
export type ModulesPresent = {
  readonly kernels: { readonly [kernel: string]: { readonly [name: string]: Presence } };
  /** Those in memory now, by their own name or as the module that they are an alias of. */
  readonly loaded: readonly string[];
  readonly running: string;
};

const memory = /^(\S+) \d+ \d+ \S+ (Live|Loading|Unloading) 0x/;
const entry = /^\/(?:usr\/)?lib\/modules\/([^/]+)\/modules\.(dep|builtin|alias|builtin\.modinfo):(.*)$/;

type Found = { readonly kernel: string; readonly name: string; readonly as: Presence['as']; readonly of: readonly string[] };

const found = (line: string): readonly Found[] => {
  const [, kernel = '', index, text = ''] = entry.exec(line) ?? [];
  switch (index) {
    case 'dep':
      return [{ kernel, name: nameOfFile(text.split(':')[0] ?? ''), as: 'loadable', of: [] }];
    case 'builtin':
      return [{ kernel, name: nameOfFile(text), as: 'built-in', of: [] }];
    case 'alias': {
      const [, name = '', target = ''] = text.split(' ');
      return [{ kernel, name: moduleName(name), as: 'alias', of: [moduleName(target)] }];
    }
    case 'builtin.modinfo': {
      // an alias of something built in: there is nothing to load under either name
      const [, target = '', name = ''] = /^([^.]*)\.alias=(.*)$/.exec(text) ?? [];
      return [{ kernel, name: moduleName(name), as: 'built-in', of: [moduleName(target)] }];
    }
    default:
      return [];
  }
};

const strength = { 'built-in': 4, loadable: 3, alias: 2, merged: 1, absent: 0 } as const;

const presence = (all: readonly Found[], name: string): Presence => {
  const mine = all.filter((one) => one.name === moduleName(name));
  const best = mine.toSorted((a, b) => strength[b.as] - strength[a.as])[0];
  if (!best) {
    const into = mergedInto(name);
    const other = into === undefined ? undefined : presence(all, into);
    if (into === undefined || other === undefined || other.as === 'absent') return { as: 'absent', of: [] };
    return { as: other.as === 'built-in' ? 'built-in' : 'merged', of: [into] };
  }
  const of = mine.filter(({ as }) => as === best.as).flatMap((one) => one.of);
  return { as: best.as, of: [...new Set(of)].toSorted() };
};

/**
 * Looks for modules in all installed kernels and in memory.
 *
 * The indexes are read rather than modprobe(8) asked, because that takes one call a name and kernel. Sources: modules.dep(5), depmod(8);
 * modules.builtin.modinfo (Linux 5.2 and later) has NUL after each entry.
 */
export const modulesPresent = (names: readonly string[]): Fact<ModulesPresent> => {
  const any = modulePattern([...new Set([...names, ...names.flatMap((name) => mergedInto(name) ?? [])])]);
  return reading(
    sh`uname -r; cat /proc/modules; grep -HsE ${`^[^:]*/(${any})\\.ko`} /lib/modules/*/modules.dep /lib/modules/*/modules.builtin; grep -HsE ${`^alias (${any}) `} /lib/modules/*/modules.alias; grep -HszE ${`^[^.]*\\.alias=(${any})$`} /lib/modules/*/modules.builtin.modinfo | tr '\\0' '\\n'`,
    (result) => {
      const [running, ...rest] = lines(result.stdout);
      if (running === undefined) throw senseless('the kernel modules', result);
      const live = new Set(rest.flatMap((line) => (memory.exec(line)?.[2] === 'Live' ? [memory.exec(line)?.[1] ?? ''] : [])));
      const all = rest.flatMap(found);
      const kernels = [...new Set([running, ...all.map(({ kernel }) => kernel)])].toSorted();
      const byName = (kernel: string): readonly [string, Presence][] =>
        names.toSorted().map((name) => [
          name,
          presence(
            all.filter((one) => one.kernel === kernel),
            name,
          ),
        ]);
      const loaded = byName(running).filter(([name, { of }]) => live.has(moduleName(name)) || of.some((target) => live.has(target)));
      return {
        kernels: Object.fromEntries(kernels.map((kernel) => [kernel, Object.fromEntries(byName(kernel))])),
        loaded: loaded.map(([name]) => name),
        running,
      };
    },
  );
};
