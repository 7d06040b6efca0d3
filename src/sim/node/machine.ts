import type { HostKernel } from './container.ts';
import type { Ids } from '../random.ts';
import type { Timings } from '../timings.ts';
import type { GuardProcess } from './deadman.ts';
import type { Durable } from './durable.ts';
import type { NodeFaults } from './faults.ts';
import type { Files } from './files.ts';
import type { Backend, IptablesTools } from './iptables.ts';
import type { Kernel } from './kernel.ts';
import type { NetworkManager } from './network.ts';
import type { Packages } from './packages.ts';
import type { Unit } from './units.ts';

/** Which system a machine runs. */
export type Distro = 'el7' | 'el8' | 'ol8' | 'debian12';

/** Whether a machine is up; `at` is when the next change is due. */
export type Power =
  | { readonly state: 'on' }
  | { readonly state: 'stopping'; readonly at: number; readonly next: 'boot' | 'off' }
  | { readonly state: 'booting'; readonly at: number }
  | { readonly state: 'off' };

/** A mutating command that reached the machine, as an outsider would have logged it. */
export type CommandRecord = {
  readonly at: number;
  readonly fence: number;
  readonly run: string;
  readonly step: string;
  readonly attempt: number;
  readonly text: string;
  /** What the wrapper answered; null while it runs, and for ever if it was cut off. */
  exitCode: number | null;
};

/** A mutating command that the wrapper refused: its exit code there, e.g. 91 for a stale fence. */
export type Refusal = { readonly at: number; readonly fence: number; readonly step: string; readonly code: number };

/** A login's script at work; `ended` is set from outside when the machine goes down. */
export type Process = { ended: boolean };

/** The mutating command at work, as the wrapper's file `running` names it; `ended` is set when a newer fence or its own sender ends it. */
export type Guarded = { readonly pid: number; readonly fence: number; readonly nonce: string; ended: boolean };

/**
 * One node, as a value that functions change: no I/O and no clock of its own.
 *
 * Everything that is lost at a reboot is set anew by `boot`; everything else is on `files` or is hardware.
 */
export type Machine = {
  readonly name: string;
  readonly distro: Distro;
  readonly arch: 'x86_64' | 'aarch64';
  /** As systemd-detect-virt(1) names it. */
  readonly virtualization: string;
  /** Of a container: the kernel of its host. */
  readonly host: HostKernel | null;
  /** Whether what is mounted below / reaches other mount namespaces. */
  sharedRoot: boolean;
  readonly productUuid: string;
  readonly mac: string;
  readonly timings: Timings;
  readonly ids: Ids;
  readonly faults: NodeFaults;
  readonly files: Files;
  readonly units: Map<string, Unit>;
  readonly network: NetworkManager;
  /** Whether another machine answers at an address, from where this one is. */
  readonly hears: (address: string) => boolean;
  readonly packages: Packages;
  readonly kernel: Kernel;
  /** What was set of /proc/sys on this boot, by the path below it. */
  readonly sysctls: Map<string, string>;
  /** Null where there is no iptables. */
  readonly iptables: IptablesTools | null;
  /** The rules of each backend on this boot, `TABLE -A …`. */
  readonly rules: Readonly<Record<Backend, string[]>>;
  /** Whether SELinux enforces: files have labels then. */
  readonly selinux: boolean;
  /** Users that may log in, and whether sudo asks them for no password. */
  readonly users: ReadonlyMap<string, { readonly sudo: boolean }>;
  readonly commands: CommandRecord[];
  readonly refusals: Refusal[];
  readonly processes: Set<Process>;
  guarded: Guarded | null;
  durable: Durable | null;
  /** The guard of an address move, while its process runs. */
  deadman: GuardProcess | null;
  power: Power;
  bootId: string;
  bootCount: number;
  bootedAt: number;
  nextPid: number;
};

/** Whether programs run on a machine: it is up, or on its way down. */
export const isUp = (machine: Machine): boolean => machine.power.state === 'on' || machine.power.state === 'stopping';

/** machine-id(5), as it stands in its file. */
export const machineId = (machine: Machine): string => {
  const entry = machine.files.entries.get('/etc/machine-id');
  return entry?.kind === 'file' ? entry.content.trim() : '';
};
