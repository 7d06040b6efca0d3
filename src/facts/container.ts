import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { lines } from './answer.ts';
import { moduleName } from './module-name.ts';

/**
 * What a container has of the kernel that it shares: the modules among those asked for that are in memory there, or built in so that they show, and
 * whether its boot id is its own. `host`: that of its host, the same behind each restart.
 */
export type Container = { readonly bootId: 'own' | 'host'; readonly modules: readonly string[] };

const loaded = /^(\S+) \d+ \d+ \S+ Live 0x/;

/**
 * Reads `Container`. A module that is built in shows only where it has parameters, by its folder in /sys/module.
 *
 * LXC 4.0 and later mount an id of the container's own over the kernel's. Source: LXC, src/lxc/conf.c (lxc_setup_boot_id); proc(5) for mountinfo.
 */
export const container = (modules: readonly string[]): Fact<Container> => {
  const folders = modules.map((name) => `/sys/module/${moduleName(name)}`);
  return reading(
    sh`cat /proc/modules; ls -1d ${folders} 2>/dev/null; grep -F ' /proc/sys/kernel/random/boot_id ' /proc/self/mountinfo`,
    ({ stdout }) => {
      const all = lines(stdout);
      const there = new Set(
        all.flatMap((line) => loaded.exec(line)?.[1] ?? (line.startsWith('/sys/module/') ? line.slice('/sys/module/'.length) : [])),
      );
      return {
        bootId: all.some((line) => line.includes(' /proc/sys/kernel/random/boot_id ')) ? 'own' : 'host',
        modules: modules.filter((name) => there.has(moduleName(name))).toSorted(),
      };
    },
  );
};
