import { type KubeObject, textAt } from '../../src/sim/cluster/cluster.ts';
import { lookUp } from '../../src/sim/node/files.ts';
import { type Machine, isUp } from '../../src/sim/node/machine.ts';
import { findGuard, readGuard } from '../../src/sim/node/deadman-files.ts';
import { liveAddresses } from '../../src/sim/node/network.ts';
import { MODULE, MODULES_FILE, PACKAGE, PLAIN_FILE, SECRET_FILE } from './runbook.ts';

/** What is really so on a machine, by its own parts. */
export type Truth = {
  readonly up: boolean;
  readonly bootId: string;
  readonly loaded: boolean;
  readonly address: string;
  readonly kubelet: boolean;
  /** The cluster has heard of this boot. */
  readonly reported: boolean;
  /** Where the guard of its address move stands, by the guard's own file. */
  readonly guard: 'none' | 'before' | 'new' | 'old';
};

/** What a run may change, as it is kept on disk. */
export type Disk = {
  readonly listed: string;
  readonly file: string;
  readonly secret: string;
  readonly packages: string;
  readonly profile: string;
};

/** Where the guard that is armed on a machine stands. */
export const guardOf = (machine: Machine): Truth['guard'] => {
  const guard = findGuard(machine);
  const place = guard ? readGuard(machine, guard.dir).place : 'off';
  return place === 'off' ? 'none' : place;
};

/** Looks at a machine from the inside. */
export const truthOf = (machine: Machine, node: KubeObject | undefined): Truth => ({
  up: isUp(machine),
  bootId: machine.bootId,
  loaded: machine.kernel.loaded.has(MODULE),
  address: liveAddresses(machine.network)[0] ?? '',
  kubelet: machine.units.get('kubelet.service')?.active === 'active',
  reported: textAt(node, 'status', 'nodeInfo', 'bootID') === machine.bootId,
  guard: guardOf(machine),
});

const content = (machine: Machine, path: string): string => {
  const entry = lookUp(machine.files, path);
  return entry?.kind === 'file' ? entry.content : '(absent)';
};

/** Reads what is on a machine's disk. */
export const diskOf = (machine: Machine): Disk => ({
  listed: content(machine, MODULES_FILE),
  file: content(machine, PLAIN_FILE),
  secret: content(machine, SECRET_FILE),
  packages: machine.packages.installed.has(PACKAGE) ? 'installed' : 'absent',
  profile: [...machine.network.profiles.values()]
    .map(({ settings }) => `${settings.get('ipv4.addresses') ?? ''} ${settings.get('ipv4.gateway') ?? ''}`)
    .join(';'),
});
