import { follow, listFolder } from './files.ts';
import { isOfHost } from './container.ts';
import type { Machine } from './machine.ts';

/** A key of /proc/sys: what the kernel begins with, and the module that brings it where it is not always there. */
type Key = { readonly first: string; readonly module?: string };

const keys: Readonly<Record<string, Key>> = {
  'fs/inotify/max_user_instances': { first: '128' },
  'fs/inotify/max_user_watches': { first: '65536' },
  'kernel/pid_max': { first: '32768' },
  'net/bridge/bridge-nf-call-ip6tables': { first: '1', module: 'br_netfilter' },
  'net/bridge/bridge-nf-call-iptables': { first: '1', module: 'br_netfilter' },
  'net/core/somaxconn': { first: '4096' },
  'net/ipv4/conf/all/rp_filter': { first: '0' },
  'net/ipv4/conf/default/rp_filter': { first: '0' },
  'net/ipv4/ip_default_ttl': { first: '64' },
  'net/ipv4/ip_forward': { first: '0' },
  'net/ipv4/ip_local_port_range': { first: '32768\t60999' },
  'net/ipv4/vs/conn_reuse_mode': { first: '1', module: 'ip_vs' },
  // 16384 buckets of 4, as in field report F6
  'net/netfilter/nf_conntrack_buckets': { first: '16384', module: 'nf_conntrack' },
  'net/netfilter/nf_conntrack_max': { first: '65536', module: 'nf_conntrack' },
  'vm/max_map_count': { first: '65530' },
  'vm/swappiness': { first: '60' },
};

/** Another name for the same value. */
const aliases: Readonly<Record<string, string>> = { 'net/nf_conntrack_max': 'net/netfilter/nf_conntrack_max' };

/** A key as a path below /proc/sys: where a dot is the first to separate, dots and slashes change places. Source: sysctl.d(5). */
export const sysctlPath = (key: string): string => {
  const swapped = /^[^./]*\./.test(key) ? key.replace(/[./]/g, (found) => (found === '.' ? '/' : '.')) : key;
  return swapped.replace(/\/+/g, '/').replace(/^\/|\/$/g, '');
};

const known = (machine: Machine, path: string): { readonly path: string; readonly key: Key } | undefined => {
  const real = aliases[path] ?? path;
  const key = Object.hasOwn(keys, real) ? keys[real] : undefined;
  if (!key) return undefined;
  const { kernel } = machine;
  const there =
    key.module === undefined || kernel.loaded.has(key.module) || kernel.installed.get(kernel.running)?.builtin.includes(key.module);
  return there ? { path: real, key } : undefined;
};

/** The value of a key, by its path below /proc/sys; undefined while it does not exist. */
export const sysctlValue = (machine: Machine, path: string): string | undefined => {
  const found = known(machine, path);
  return found && (machine.host?.sysctls[found.path] ?? machine.sysctls.get(found.path) ?? found.key.first);
};

/** Sets a key; says why not in the words of strerror(3). */
export const setSysctl = (machine: Machine, path: string, value: string): string | undefined => {
  const found = known(machine, path);
  if (!found) return 'No such file or directory';
  if (isOfHost(machine, found.path)) return 'Permission denied';
  const words = value.trim().split(/\s+/);
  if (words.length !== found.key.first.split('\t').length || !words.every((word) => /^-?\d+$/.test(word))) return 'Invalid argument';
  machine.sysctls.set(found.path, words.join('\t'));
  return undefined;
};

/** What was set of keys that are gone is gone with them. */
export const forgetSysctls = (machine: Machine): void => {
  for (const path of machine.sysctls.keys()) if (!known(machine, path)) machine.sysctls.delete(path);
};

/** All keys that exist now, by their paths. */
export const sysctlPaths = (machine: Machine): readonly string[] =>
  [...Object.keys(keys), ...Object.keys(aliases)].filter((path) => known(machine, path)).toSorted();

const folders = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d', '/lib/sysctl.d'] as const;

/** The content of the files that systemd-sysctl reads, in its order: by name, one of an earlier folder in place of those of the same name. */
const filesInOrder = (machine: Machine): readonly string[] => {
  const files = new Map<string, string>();
  for (const folder of folders)
    for (const name of listFolder(machine.files, folder)) {
      if (!name.endsWith('.conf') || files.has(name)) continue;
      const { entry } = follow(machine.files, `${folder}/${name}`);
      files.set(name, entry?.kind === 'file' ? entry.content : '');
    }
  return [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, content]) => content);
};

const toRegExp = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replace(/[.+^${}()|\\]/g, '\\$&')
      .replaceAll('*', '[^/]*')
      .replaceAll('?', '[^/]')}$`,
  );

/**
 * What systemd-sysctl.service does: the last assignment of a key counts, an assignment to the key itself before one to a pattern, and what does
 * not exist (yet) is passed over. Source: sysctl.d(5), systemd-sysctl.service(8); test/contract/sysctl.test.ts compares it with the real one.
 */
export const applySysctls = (machine: Machine): void => {
  const wishes = new Map<string, string | null>();
  for (const content of filesInOrder(machine))
    for (const line of content.split('\n').map((text) => text.trim())) {
      const [, minus = '', key = '', value] = /^(-?)\s*([^#;\s=][^=]*?)\s*(?:=\s*(.*))?$/.exec(line) ?? [];
      if (key === '' || (value === undefined && minus === '')) continue;
      wishes.delete(sysctlPath(key));
      wishes.set(sysctlPath(key), value ?? null);
    }
  for (const [path, value] of wishes) {
    if (value === null) continue;
    if (!/[*?[]/.test(path)) setSysctl(machine, path, value);
    else for (const one of sysctlPaths(machine)) if (toRegExp(path).test(one) && !wishes.has(one)) setSysctl(machine, one, value);
  }
};
