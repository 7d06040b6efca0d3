import { type Entry, follow } from './files.ts';
import { type Machine, isUp } from './machine.ts';
import { usedBy } from './kernel.ts';
import { sysctlValue } from './sysctl.ts';

const zeros = (ms: number): string => (ms / 1000).toFixed(2);

const computed: Readonly<Record<string, (machine: Machine, now: number) => string>> = {
  '/proc/sys/kernel/random/boot_id': (machine) => `${machine.bootId}\n`,
  '/proc/sys/kernel/hostname': (machine) => `${machine.name}\n`,
  '/proc/sys/kernel/osrelease': (machine) => `${machine.kernel.running}\n`,
  '/proc/uptime': (machine, now) => `${zeros(now - machine.bootedAt)} ${zeros(now - machine.bootedAt)}\n`,
  '/proc/modules': (machine) =>
    [...machine.kernel.loaded]
      .toReversed()
      .map((name) => {
        const users = usedBy(machine.kernel, name);
        return `${name} 16384 ${users.length} ${users.length > 0 ? `${users.join(',')},` : '-'} Live 0x0000000000000000\n`;
      })
      .join(''),
  '/proc/self/mountinfo': (machine) =>
    machine.host === null ? '' : '612 611 0:5 /.lxc-boot-id /proc/sys/kernel/random/boot_id ro,nosuid,nodev,noexec - tmpfs none rw\n',
  '/sys/fs/selinux/enforce': (machine) => (machine.selinux ? '1' : '0'),
};

/** An entry as programs on the machine see it, with what the kernel shows in /proc and /sys; symbolic links are followed. */
export const look = (machine: Machine, path: string, now: number): { readonly path: string; readonly entry: Entry | undefined } => {
  const made = computed[path];
  if (made && (path !== '/sys/fs/selinux/enforce' || machine.selinux))
    return { path, entry: { kind: 'file', content: made(machine, now), mode: 0o444, owner: 'root', group: 'root' } };
  if (path.startsWith('/proc/sys/')) {
    const value = sysctlValue(machine, path.slice('/proc/sys/'.length));
    return {
      path,
      entry: value === undefined ? undefined : { kind: 'file', content: `${value}\n`, mode: 0o644, owner: 'root', group: 'root' },
    };
  }
  const module = /^\/sys\/module\/([^/]+)$/.exec(path)?.[1];
  if (module !== undefined)
    return {
      path,
      entry: machine.kernel.loaded.has(module) ? { kind: 'directory', mode: 0o755, owner: 'root', group: 'root' } : undefined,
    };
  return follow(machine.files, path);
};

/** Reads a file, or says why not in the words of strerror(3). */
export const readText = (
  machine: Machine,
  path: string,
  user: string,
  now: number,
): { readonly text: string } | { readonly error: string } => {
  if (!isUp(machine)) return { error: 'Input/output error' };
  const { entry } = look(machine, path, now);
  if (!entry) return { error: 'No such file or directory' };
  if (entry.kind !== 'file') return { error: 'Is a directory' };
  if (user !== 'root' && entry.owner !== user && (entry.mode & 0o004) === 0) return { error: 'Permission denied' };
  return { text: entry.content };
};
