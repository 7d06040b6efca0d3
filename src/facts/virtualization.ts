import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { lines } from './answer.ts';

/** What the node runs in, in the words of systemd-detect-virt(1): `kvm`, `vmware`, `lxc`, `none` …; `unknown` without that program. */
export type Virtualization = { readonly container: string; readonly vm: string };

/**
 * Reads `Virtualization`: the machine and the container are asked for apart, because a container in a machine would show only itself.
 *
 * The program exits 1 for `none`, so its words count, not its exit code.
 */
export const virtualization = (): Fact<Virtualization> =>
  reading(sh`systemd-detect-virt --vm; systemd-detect-virt --container`, (result) => {
    const [vm = 'unknown', container = 'unknown'] = lines(result.stdout).map((line) => line.trim());
    return { container, vm };
  });
