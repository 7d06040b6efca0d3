import { listFolder, lookUp, removePath } from './files.ts';
import type { Machine } from './machine.ts';

const kinds: readonly string[] = ['lxc', 'lxc-libvirt', 'docker', 'podman', 'systemd-nspawn', 'openvz', 'rkt', 'wsl', 'proot'];

/** What containers have of their host: modules in memory, and values by their path below /proc/sys. */
export type HostKernel = { readonly modules: readonly string[]; readonly sysctls: Readonly<Record<string, string>> };

/** Whether a word of systemd-detect-virt(1) is that of a container. */
export const isContainer = (virtualization: string): boolean => kinds.includes(virtualization);

/** Whether a key of /proc/sys is one for all containers of a host: all but those of the network stack that each has of its own. */
export const isOfHost = (machine: Machine, path: string): boolean => machine.host !== null && !/^net\/(ipv4|ipv6|core)\//.test(path);

const lines = (machine: Machine, path: string): readonly string[] => {
  const entry = lookUp(machine.files, path);
  return entry?.kind === 'file' ? entry.content.split('\n').map((line) => line.trim()) : [];
};

/** The links that systemd-tmpfiles makes at boot: `L` lines of tmpfiles.d(5), where nothing is there yet. */
const makeLinks = (machine: Machine): void => {
  const folder = '/etc/tmpfiles.d';
  for (const name of listFolder(machine.files, folder))
    for (const line of name.endsWith('.conf') ? lines(machine, `${folder}/${name}`) : []) {
      const [type, path = '', , , , , target = ''] = line.split(/\s+/);
      if (type === 'L' && !lookUp(machine.files, path))
        machine.files.entries.set(path, { kind: 'symlink', target, mode: 0o777, owner: 'root', group: 'root' });
    }
};

/** Whether rc-local.service runs a command at boot: an executable script has it on a line. */
const runsAtBoot = (machine: Machine, command: string): boolean =>
  ['/etc/rc.local', '/etc/rc.d/rc.local'].some((path) => {
    const entry = lookUp(machine.files, path);
    return entry?.kind === 'file' && (entry.mode & 0o111) !== 0 && lines(machine, path).includes(command);
  });

/**
 * What of a boot differs in a container: its /dev is empty but for what LXC makes, and / is as LXC has mounted it.
 *
 * systemd makes / shared as it starts, but not in a container. Source: systemd, src/core/main.c and src/shared/mount-setup.c; lxc.container.conf(5).
 */
export const bootContainer = (machine: Machine): void => {
  machine.sharedRoot = machine.host === null;
  if (machine.host !== null) removePath(machine.files, '/dev/kmsg');
  makeLinks(machine);
  if (runsAtBoot(machine, 'mount --make-shared /')) machine.sharedRoot = true;
};
