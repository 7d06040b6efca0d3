import type { Ids } from '../random.ts';
import type { Timings } from '../timings.ts';
import type { NodeFaults } from './faults.ts';
import { type Files, textFile } from './files.ts';
import { type HostKernel, isContainer } from './container.ts';
import { kernelImages } from './image-kernel.ts';
import type { IptablesTools } from './iptables.ts';
import { imageOf, nodeUnits } from './image.ts';
import { type KernelImage, writeKernelFiles } from './kernel.ts';
import type { Distro, Machine } from './machine.ts';
import { boot } from './power.ts';
import { type RuntimePast, bootedBefore, packageLog, packagesWithPast, pastLog, pastStarts } from './runtime.ts';
import { writeProfile } from './profile.ts';

/** What is particular about a machine; the rest follows from its distribution. */
export type MachineOptions = {
  readonly name: string;
  readonly distro?: Distro;
  /** With its prefix, e.g. `127.77.0.11/24`. */
  readonly address: string;
  readonly gateway: string;
  /** The NetworkManager connection, and its device. */
  readonly connection?: string;
  readonly virtualization?: string;
  readonly host?: HostKernel;
  /** `amd64` unless said. */
  readonly arch?: 'amd64' | 'arm64';
  /** Its iptables where it is not the distribution's; null for none. */
  readonly iptables?: Partial<IptablesTools> | null;
  /** Modules that its kernels do not have although the distribution's do. */
  readonly lacks?: readonly string[];
  /** Files that are there beside the distribution's, path to content. */
  readonly files?: Readonly<Record<string, string>>;
  readonly users?: Readonly<Record<string, { readonly sudo: boolean }>>;
  readonly faults?: NodeFaults;
  /** The versions of containerd that it has had, oldest first; it has booted before. Those of its image unless said. */
  readonly containerd?: readonly RuntimePast[];
  /** Whether another machine answers at an address; nobody unless said. */
  readonly hears?: (address: string) => boolean;
  readonly timings: Timings;
  readonly ids: Ids;
};

const kernelFiles = new Map<string, Files>();

/** What the kernel packages of a distribution lay down, made once. */
export const baseFiles = (distro: Distro, arch: Machine['arch']): Files => {
  const known = kernelFiles.get(`${distro} ${arch}`);
  if (known) return known;
  const image = imageOf(distro, arch);
  const made: Files = { entries: new Map(Object.entries(image.files)), full: false };
  for (const version of image.kernels) writeKernelFiles(made, version, kernelImages[distro]);
  kernelFiles.set(`${distro} ${arch}`, made);
  return made;
};

const connectionText = (options: MachineOptions, file: string, uuid: string, connection: string): string => {
  const settings = new Map([
    ['connection.id', connection],
    ['connection.uuid', uuid],
    ['connection.type', '802-3-ethernet'],
    ['connection.interface-name', connection],
    ['ipv4.method', 'manual'],
    ['ipv4.addresses', options.address],
    ['ipv4.gateway', options.gateway],
    ['ipv6.method', 'ignore'],
  ]);
  return writeProfile(
    { file, settings },
    file.includes('ifcfg-') ? `TYPE=Ethernet\nBOOTPROTO=none\nDEFROUTE=yes\nIPV6INIT=no\nUUID=${uuid}\nDEVICE=${connection}\n` : '',
  );
};

const NO_RULES = { nf_tables: [], legacy: [] };
/** What kube-proxy puts there wherever it finds iptables. */
const PROXY = ['nat -A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING'];
/** What the kubelet puts there. Source: its iptables_util_linux.go; the same on the lab's machine. */
const KUBELET = ['filter -A OUTPUT -j KUBE-FIREWALL'];
const nft: IptablesTools = { backend: 'nf_tables', version: '1.8.4', both: false, puts: { ...NO_RULES, nf_tables: PROXY } };
const distributed: Readonly<Record<Distro, IptablesTools | null>> = {
  el7: { backend: 'legacy', version: '1.4.21', both: false, puts: { ...NO_RULES, legacy: PROXY } },
  el8: nft,
  ol8: nft,
  // no kube-proxy as in the lab: the kubelet's own rules
  debian12: { backend: 'nf_tables', version: '1.8.9', both: true, puts: { ...NO_RULES, nf_tables: KUBELET } },
};
const toolsOf = (distro: Distro, wish: MachineOptions['iptables']): IptablesTools | null =>
  wish === null ? null : wish === undefined ? distributed[distro] : { ...(distributed[distro] ?? nft), ...wish };

const without = (kernel: KernelImage, lacks: readonly string[]): KernelImage => ({
  builtin: kernel.builtin.filter((name) => !lacks.includes(name)),
  modules: Object.fromEntries(Object.entries(kernel.modules).filter(([name]) => !lacks.includes(name))),
});

/** Has containerd run through its past, up to now. */
const withPast = (machine: Machine, past: readonly RuntimePast[], now: number): Machine => {
  const unit = machine.units.get('containerd.service');
  machine.runtimeStarts.splice(0, machine.runtimeStarts.length, ...pastStarts(past, now));
  if (unit) unit.since = machine.runtimeStarts.at(-1)?.at ?? unit.since;
  return machine;
};

/** A node that was installed and has booted once, at `now` or before what is on record. */
export const createMachine = (options: MachineOptions, now: number): Machine => {
  const { name, ids, timings, distro = 'el8', connection = 'ens192', virtualization = 'vmware' } = options;
  const arch = options.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const image = imageOf(distro, arch);
  const { containerd: past = [] } = options;
  const has = packagesWithPast(distro, image, past, now);
  const files: Files = { entries: new Map(baseFiles(distro, arch).entries), full: options.faults?.diskFull === true };
  const productUuid = ids.uuid();
  const connectionFile = image.connectionFile(connection);
  const put = (path: string, content: string, mode?: number): unknown => files.entries.set(path, textFile(content, mode));
  put('/etc/hostname', `${name}\n`);
  put('/etc/machine-id', `${ids.hex(32)}\n`, 0o444);
  put('/sys/class/dmi/id/product_uuid', `${productUuid}\n`, 0o400);
  put(
    connectionFile,
    connectionText(options, connectionFile, ids.uuid(), connection),
    connectionFile.endsWith('.nmconnection') ? 0o600 : 0o644,
  );
  files.entries.set('/etc/localtime', {
    kind: 'symlink',
    target: '../usr/share/zoneinfo/Etc/UTC',
    mode: 0o777,
    owner: 'root',
    group: 'root',
  });
  if (past.length > 0) put(packageLog(distro), pastLog(distro, past, now));
  if (isContainer(virtualization)) put('/proc/1/environ', `container=${virtualization}\0`, 0o400);
  for (const [path, content] of Object.entries(options.files ?? {})) put(path, content);
  const kernel = options.lacks ? without(kernelImages[distro], options.lacks) : kernelImages[distro];
  if (options.lacks) for (const version of image.kernels) writeKernelFiles(files, version, kernel);
  const machine: Machine = {
    name,
    distro,
    arch,
    virtualization,
    host: isContainer(virtualization) ? (options.host ?? { modules: [], sysctls: {} }) : null,
    sharedRoot: true,
    productUuid,
    mac: `00:50:56:${ids.hex(6).replace(/(..)(..)(..)/, '$1:$2:$3')}`,
    timings,
    ids,
    faults: { ...options.faults },
    files,
    units: nodeUnits(distro),
    network: { profiles: new Map(), live: new Map() },
    hears: options.hears ?? (() => false),
    packages: {
      installed: new Map(has.installed),
      available: new Map(Object.entries(image.available)),
      offers: new Map(has.offers),
      held: new Set(),
    },
    runtimeStarts: [],
    kernel: {
      installed: new Map(image.kernels.map((version) => [version, kernel])),
      running: image.kernels[0] ?? '',
      loaded: new Set(),
    },
    sysctls: new Map(),
    iptables: toolsOf(distro, options.iptables),
    rules: { nf_tables: [], legacy: [] },
    selinux: image.selinux,
    users: new Map(Object.entries(options.users ?? { root: { sudo: true }, ops: { sudo: true }, guest: { sudo: false } })),
    commands: [],
    refusals: [],
    processes: new Set(),
    guarded: null,
    durable: null,
    deadman: null,
    power: { state: 'off' },
    bootId: '',
    bootCount: 0,
    bootedAt: now,
    nextPid: 1000,
  };
  boot(machine, bootedBefore(past, now));
  return past.length > 0 ? withPast(machine, past, now) : machine;
};
