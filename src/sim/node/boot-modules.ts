import { follow, listFolder, lookUp } from './files.ts';
import { blacklisted, loadModule, moduleName, resolveModule } from './kernel.ts';
import type { Machine } from './machine.ts';

const modulesLoadDirs = [
  '/etc/modules-load.d',
  '/run/modules-load.d',
  '/usr/local/lib/modules-load.d',
  '/usr/lib/modules-load.d',
  '/lib/modules-load.d',
] as const;

/** The names that modules-load.d(5) lists, in the order of its file names; a file of an earlier folder hides those of the same name. */
export const modulesToLoad = (machine: Machine): readonly string[] => {
  const files = new Map<string, string>();
  for (const dir of modulesLoadDirs) {
    for (const name of listFolder(machine.files, dir)) {
      const { entry } = follow(machine.files, `${dir}/${name}`);
      if (name.endsWith('.conf') && entry?.kind === 'file' && !files.has(name)) files.set(name, entry.content);
    }
  }
  return [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, content]) =>
      content
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '' && !/^[#;]/.test(line)),
    );
};

/** What the scripts that rhel-loadmodules.service of EL7 runs load: those of /etc/sysconfig/modules that are executable; the others it passes over. */
const scripted = (machine: Machine): readonly string[] => {
  if (machine.units.get('rhel-loadmodules.service')?.file !== 'enabled') return [];
  const folder = '/etc/sysconfig/modules';
  return listFolder(machine.files, folder).flatMap((name) => {
    const entry = lookUp(machine.files, `${folder}/${name}`);
    if (!name.endsWith('.modules') || entry?.kind !== 'file' || (entry.mode & 0o111) === 0) return [];
    return entry.content.split('\n').flatMap((line) => /^\s*(?:exec\s+)?(?:\/(?:usr\/)?sbin\/)?modprobe\s+([\w-]+)/.exec(line)?.[1] ?? []);
  });
};

/** What systemd-modules-load.service does, and on EL7 rhel-loadmodules.service behind it; false when a module could not be loaded. */
export const loadListed = (machine: Machine): boolean => {
  const image = machine.kernel.installed.get(machine.kernel.running);
  const kept = blacklisted(machine.files);
  const { faults } = machine;
  const forgotten = new Set([...(faults.modulesNotLoadedAtBoot ?? []), ...(faults.modulesNotLoadedOnce ?? [])]);
  delete faults.modulesNotLoadedOnce;
  let whole = true;
  const load = (name: string): void => {
    const found = image && resolveModule(image, name);
    if (found === 'builtin') return;
    const modules = (found ?? []).filter((module) => !kept.has(module));
    if (found === undefined) whole = false;
    for (const module of modules) if (!forgotten.has(module)) loadModule(machine.kernel, module);
  };
  for (const name of modulesToLoad(machine)) load(name);
  const listed = whole;
  for (const name of scripted(machine)) load(name);
  return listed;
};

const early = ['configfs', 'vmxnet3'] as const;
/** What the container runtime, the kubelet and the pod network load for themselves, long after systemd-sysctl. */
const late = [
  'overlay',
  'br_netfilter',
  'ip_tables',
  'nft_compat',
  'nft_chain_nat',
  'xt_conntrack',
  'xt_MASQUERADE',
  'xt_comment',
] as const;

/** Loads what is there without being listed: by systemd at first, or by what runs on the node, when it starts. */
export const loadUnlisted = (machine: Machine, when: 'early' | 'late'): void => {
  const image = machine.kernel.installed.get(machine.kernel.running);
  for (const name of when === 'early' ? early : late) if (image?.modules[moduleName(name)]) loadModule(machine.kernel, name);
};
