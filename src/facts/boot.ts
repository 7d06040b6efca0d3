import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { lines, senseless } from './answer.ts';
import { compareVersions } from './kernel-version.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The id that the kernel makes once a boot. Source: random(4). */
export const bootId = (): Fact<string> =>
  reading(sh`cat /proc/sys/kernel/random/boot_id`, (result) => {
    const id = result.stdout.trim();
    if (!uuid.test(id)) throw senseless('the boot id', result);
    return id;
  });

/** Who the node is on which boot, the kernel that runs (as `uname -r` tells it) and the one that will boot next. */
export type Boot = { readonly bootId: string; readonly kernel: string; readonly machineId: string; readonly nextKernel: string };

const image = /^\/boot\/vmlinuz-(?!0-rescue)(.+?)$/;
const tree = /^\/(?:usr\/)?lib\/modules\/([^/]+)\/modules\.dep$/;

/**
 * Reads `Boot`.
 *
 * The kernel that will boot is taken to be the newest installed one, as the boot loaders' defaults have it: of the images in /boot (rescue and
 * debug kernels left out), or of the module trees where /boot holds none, or the running one in a container, which has neither.
 */
export const boot = (): Fact<Boot> =>
  reading(
    sh`cat /proc/sys/kernel/random/boot_id /etc/machine-id; uname -r; ls -1d /boot/vmlinuz-* /lib/modules/*/modules.dep 2>/dev/null`,
    (result) => {
      const [id = '', machineId = '', kernel = '', ...paths] = lines(result.stdout).map((line) => line.trim());
      if (!uuid.test(id) || !/^[0-9a-f]{32}$/.test(machineId) || kernel === '') throw senseless('boot id, machine id and kernel', result);
      const named = (pattern: RegExp): readonly string[] =>
        paths.flatMap((path) => pattern.exec(path)?.[1] ?? []).filter((release) => !/[+.]debug$/.test(release));
      const images = named(image);
      const installed = images.length > 0 ? images : named(tree);
      return { bootId: id, kernel, machineId, nextKernel: installed.toSorted(compareVersions).at(-1) ?? kernel };
    },
  );
