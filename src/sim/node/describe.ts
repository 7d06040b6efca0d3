import { type Entry, lookUp, sha256 } from './files.ts';
import type { Machine } from './machine.ts';

const labelOf = (machine: Machine, path: string): string => {
  if (!machine.selinux) return '-';
  if (path.startsWith('/etc/sysconfig/network-scripts/')) return 'system_u:object_r:net_conf_t:s0';
  if (path.startsWith('/etc/')) return 'system_u:object_r:etc_t:s0';
  return 'system_u:object_r:var_lib_t:s0';
};

/** What `drover_file` prints of an entry: `absent`, `file MODE OWNER GROUP SHA256 LABEL` or `other TYPE`. */
export const describe = (machine: Machine, path: string, entry: Entry | undefined = lookUp(machine.files, path)): string => {
  if (!entry) return 'absent';
  if (entry.kind !== 'file') return `other ${entry.kind}`;
  return `file ${entry.mode.toString(8).padStart(4, '0')} ${entry.owner} ${entry.group} ${sha256(entry.content)} ${labelOf(machine, path)}`;
};
