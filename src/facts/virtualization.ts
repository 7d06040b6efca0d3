import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { lines } from './answer.ts';

/** What the node runs in, in the words of systemd-detect-virt(1): `kvm`, `vmware`, `lxc`, `none` …; `unknown` where nothing tells. */
export type Virtualization = { readonly container: string; readonly vm: string };

const OF_INIT = 'container=';

/**
 * Reads `Virtualization`: the machine and the container are asked for apart, because a container in a machine would show only itself.
 *
 * The program exits 1 for `none`, so its words count, not its exit code. Where it is missing, the environment of PID 1 tells of a container:
 * systemd's Container Interface.
 */
export const virtualization = (): Fact<Virtualization> =>
  reading(
    sh`systemd-detect-virt --vm; systemd-detect-virt --container; tr '\\0' '\\n' < /proc/1/environ | grep ^container=`,
    ({ stdout }) => {
      const all = lines(stdout).map((line) => line.trim());
      const told = all.find((line) => line.startsWith(OF_INIT))?.slice(OF_INIT.length) ?? 'unknown';
      const [vm = 'unknown', container = told] = all.filter((line) => !line.startsWith(OF_INIT));
      return { container, vm };
    },
  );
