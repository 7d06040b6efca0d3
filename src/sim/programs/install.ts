import { kernelImages } from '../node/image-kernel.ts';
import { compareVersions, writeKernelFiles } from '../node/kernel.ts';
import type { Machine } from '../node/machine.ts';
import type { Package } from '../node/packages.ts';
import { follow, putFile, textFile } from '../node/files.ts';
import { logged, noteStart, packageLog } from '../node/runtime.ts';
import { setActive, unit } from '../node/units.ts';

/** The work of both package managers once they have decided: files, units, kernels. */
export const installPackage = (machine: Machine, name: string, one: Package, now: number): void => {
  const before = machine.packages.installed.get(name);
  machine.packages.installed.set(name, { ...one, installedAt: now });
  const lower = before !== undefined && compareVersions(one.version, before.version) < 0;
  const log = packageLog(machine.distro);
  const { entry } = follow(machine.files, log);
  const known = entry?.kind === 'file' ? entry.content : '';
  putFile(machine.files, log, textFile(known + logged(machine.distro, name, one, before, lower, now)));
  for (const { name: id, description, file, starts } of one.units ?? []) {
    if (!machine.units.has(id)) machine.units.set(id, unit(description, file));
    const made = machine.units.get(id);
    if (made && starts) setActive(made, 'active', now, (machine.nextPid += 7));
  }
  // a policy of the machine keeps Debian's scriptlets from touching services
  const forbidden = machine.distro === 'debian12' && machine.files.entries.has('/usr/sbin/policy-rc.d');
  const restarted = before === undefined || one.restarts === undefined || forbidden ? undefined : machine.units.get(one.restarts);
  if (restarted?.active === 'active' && one.restarts !== undefined) {
    setActive(restarted, 'inactive', now, 0);
    setActive(restarted, 'active', now, (machine.nextPid += 7));
    noteStart(machine, one.restarts, now);
  }
  if (one.kernel !== undefined) {
    machine.kernel.installed.set(one.kernel, kernelImages[machine.distro]);
    writeKernelFiles(machine.files, one.kernel, kernelImages[machine.distro]);
  }
};

/** Takes a package away, with its units. */
export const removePackage = (machine: Machine, name: string): void => {
  const one = machine.packages.installed.get(name);
  machine.packages.installed.delete(name);
  for (const { name: id } of one?.units ?? machine.packages.available.get(name)?.units ?? []) machine.units.delete(id);
};

/** Milliseconds until whoever holds the package manager's lock lets it go; 0 when nobody does. */
export const lockedFor = (machine: Machine, now: number): number => Math.max(0, (machine.faults.packageLockUntil ?? 0) - now);
