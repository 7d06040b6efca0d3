import type { NodeFaults } from './node/faults.ts';
import type { IptablesTools } from './node/iptables.ts';
import type { HostKernel } from './node/container.ts';
import type { Distro } from './node/machine.ts';

/** What is particular about a node of the simulated fleet. */
export type SimNodeOptions = {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly distro?: Distro;
  /** The NetworkManager connection and its device; `ens192` unless said. */
  readonly connection?: string;
  /** In the words of systemd-detect-virt(1); `vmware` unless said. */
  readonly virtualization?: string;
  /** For a container: the kernel that it shares with its host, loaded modules and values by their path below /proc/sys. */
  readonly host?: HostKernel;
  /** Its vars in fleet.yaml, beside `newAddress`. */
  readonly vars?: Readonly<Record<string, string>>;
  /** `amd64` unless said. */
  readonly arch?: 'amd64' | 'arm64';
  /** Its iptables where it is not the distribution's; null for none. */
  readonly iptables?: Partial<IptablesTools> | null;
  /** Modules that its kernels do not have although the distribution's do. */
  readonly lacks?: readonly string[];
  /** Files beside those of the distribution, path to content. */
  readonly files?: Readonly<Record<string, string>>;
};

/** What to simulate. */
export type SimOptions = {
  /** The nodes, or how many gitlab-runner nodes as in field report F1; the n-th has the address 127.77.0.(10+n). */
  readonly nodes: readonly SimNodeOptions[] | number;
  /** How many times faster than real machines: at 20 (the default) a boot takes 1.5 s, at 600 it takes 50 ms. */
  readonly speed?: number;
  /** What goes wrong, by node. */
  readonly faults?: Readonly<Record<string, NodeFaults>>;
  /** `separate` (the default): somebody has to move a machine in vCenter before its new address answers. `shared`: all addresses answer at once. */
  readonly networks?: 'separate' | 'shared';
  /** What vCenter calls the network that nodes come from, and the one that they move to; `ci` and `services` unless said. */
  readonly networkNames?: readonly [from: string, to: string];
  /** Where to write fleet.yaml, keys and the rest; else a folder that `close` removes. */
  readonly dir?: string;
  /** The PATH that goes behind the stand-ins' folder in `env`; the usual folders unless said. */
  readonly path?: string;
  /** The same seed makes the same boot ids and machine ids. */
  readonly seed?: number;
};
