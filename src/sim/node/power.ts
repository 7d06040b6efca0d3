import { startGuard } from './deadman.ts';
import { advanceDurable, endDurable } from './durable.ts';
import { loadListed, loadUnlisted } from './boot-modules.ts';
import { removePath } from './files.ts';
import { bootContainer } from './container.ts';
import { loadModule, newestKernel } from './kernel.ts';
import { openTable } from './iptables.ts';
import { type Live, startNetwork } from './network.ts';
import { type Machine, isUp } from './machine.ts';
import { noteStart } from './runtime.ts';
import { applySysctls } from './sysctl.ts';
import { setActive } from './units.ts';

/** Orders a clean reboot or power-off; a machine that is going down already goes on doing so. */
export const goDown = (machine: Machine, next: 'boot' | 'off', now: number): void => {
  if (machine.power.state === 'on') machine.power = { state: 'stopping', at: now + machine.timings.stopMs, next };
};

/** Cuts the power and puts it on again, as a reset in the hypervisor does; also starts a machine that is off. */
export const reset = (machine: Machine, now: number): void => {
  if (isUp(machine)) stop(machine, now);
  machine.power = { state: 'booting', at: now + machine.timings.bootMs };
};

/** Everything that runs ends, as it does when the power goes. */
const stop = (machine: Machine, now: number): void => {
  for (const process of machine.processes) process.ended = true;
  machine.processes.clear();
  if (machine.guarded) machine.guarded.ended = true;
  machine.guarded = null;
  endDurable(machine);
  machine.deadman = null;
  for (const unit of machine.units.values()) setActive(unit, 'inactive', now, 0);
};

/** The modules of the boot before systemd-sysctl runs; those of a container are its host's. */
const loadModules = (machine: Machine): boolean => {
  const { host, kernel } = machine;
  kernel.loaded.clear();
  if (host) {
    for (const name of host.modules) loadModule(kernel, name);
    return true;
  }
  loadUnlisted(machine, 'early');
  return loadListed(machine);
};

/** One whole boot, at the moment at which sshd answers. */
export const boot = (machine: Machine, now: number): void => {
  const before = new Map<string, Live>(machine.network.live);
  machine.power = { state: 'on' };
  machine.bootId = machine.ids.uuid();
  machine.bootCount += 1;
  machine.bootedAt = now;
  machine.nextPid = 1000;
  removePath(machine.files, '/run');
  removePath(machine.files, '/tmp');
  machine.kernel.running = newestKernel(machine.kernel);
  machine.sysctls.clear();
  bootContainer(machine);
  const loadedAll = loadModules(machine);
  // keys whose module comes later do not exist yet
  applySysctls(machine);
  startNetwork(machine.network, machine.files);
  if (machine.faults.bootsAtOldAddress && before.size > 0) for (const [device, live] of before) machine.network.live.set(device, live);
  for (const [name, unit] of machine.units) {
    if (unit.file === 'enabled' || name === 'systemd-modules-load.service') {
      setActive(unit, 'active', now, (machine.nextPid += 7));
      noteStart(machine, name, now);
    }
  }
  if (machine.host === null) loadUnlisted(machine, 'late');
  for (const backend of ['nf_tables', 'legacy'] as const) {
    const puts = machine.iptables?.puts[backend].filter((rule) =>
      openTable(machine, backend, rule.split(' ')[0] ?? '', machine.host === null),
    );
    machine.rules[backend].splice(0, Number.POSITIVE_INFINITY, ...(puts ?? []));
  }
  startGuard(machine, now);
  const loader = machine.units.get('systemd-modules-load.service');
  if (loader && !loadedAll) setActive(loader, 'failed', now, 0);
};

/** When the machine next goes down or comes up; null when it does not. */
export const powerDue = (machine: Machine): number | null => ('at' in machine.power ? machine.power.at : null);

/** When something next happens on the machine by itself; null when nothing will. */
export const machineDue = (machine: Machine): number | null => {
  const due = [powerDue(machine), machine.durable?.due, machine.deadman?.due].filter((at) => typeof at === 'number');
  return due.length > 0 ? Math.min(...due) : null;
};

/** Does what was due until now; true when the machine went down or came up. */
export const advancePower = (machine: Machine, now: number): boolean => {
  let changed = false;
  for (let due = powerDue(machine); due !== null && due <= now; due = powerDue(machine)) {
    changed = true;
    advanceDurable(machine, due);
    if (machine.power.state === 'stopping') {
      const off = machine.power.next === 'off' || machine.faults.neverBoots === true;
      stop(machine, due);
      machine.power = off ? { state: 'off' } : { state: 'booting', at: due + machine.timings.bootMs };
    } else if (machine.faults.powerCut?.during === 'boot') {
      delete machine.faults.powerCut;
      machine.power = { state: 'booting', at: due + machine.timings.bootMs };
    } else boot(machine, due);
  }
  advanceDurable(machine, now);
  return changed;
};
