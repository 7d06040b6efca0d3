import { addressTrouble, bareAddress } from '../core/ipv4.ts';
import { type Gate, gate } from '../core/step.ts';
import { type AddressHolder, addressHolder } from '../facts/address-holder.ts';
import { type Boot, boot } from '../facts/boot.ts';
import { type ClusterNode, clusterNode } from '../facts/cluster-node.ts';
import { type DiskSpace, diskSpace as diskSpaceState } from '../facts/disk-space.ts';
import { type ModulesBlocked, modulesBlocked } from '../facts/modules-blocked.ts';
import { type ModulesPresent, modulesPresent } from '../facts/modules-present.ts';
import { type ModulesSimilar, modulesSimilar } from '../facts/modules-similar.ts';
import { type Connection, connection } from '../facts/network-manager.ts';
import { type Virtualization, virtualization } from '../facts/virtualization.ts';
import { foreignCordon } from './cordon.ts';
import { drainable } from './drain.ts';
import { type AddressWish, noSingleProfile } from './address.ts';
import { iptablesBackend } from './preflight-iptables.ts';
import { bootScriptFree } from './boot-script.ts';
import { isContainer, onHost } from './on-host.ts';
import { moduleScriptsRun, sysctlEffective } from './preflight-sysctl.ts';

/** A container shares its host's kernel, and a bare machine nobody moves in vCenter. Source: systemd-detect-virt(1). */
const virtualMachine = (): Gate =>
  gate<Virtualization>({
    id: 'preflight:virtual-machine',
    title: 'is a virtual machine',
    wish: 'vm',
    observe: () => virtualization(),
    unmet: ({ container, vm }) => {
      if (container !== 'none' && container !== 'unknown')
        return [`is a container (${container}): kernel, modules and network are its host's, and have to be changed there`];
      if (vm === 'unknown') return ['has no systemd-detect-virt, so nobody can tell whether it is a virtual machine'];
      return vm === 'none' ? ['is not a virtual machine (systemd-detect-virt says none)'] : [];
    },
  });

/** A container has its host's kernel: modules and most keys of /proc/sys belong there. Source: systemd-detect-virt(1). */
const notContainer = (): Gate =>
  gate<Virtualization>({
    id: 'preflight:not-container',
    title: 'has a kernel of its own',
    wish: 'kernel',
    observe: () => virtualization(),
    unmet: ({ container }) =>
      container === 'none' || container === 'unknown'
        ? []
        : [`is a container (${container}): kernel, modules and sysctls are its host's, and have to be changed there`],
  });

type Modules = { readonly boot: Boot; readonly present: ModulesPresent; readonly similar: ModulesSimilar };

/** The kernel that will boot, not only the one that runs, has each module: loadable, built in, or merged into another. */
const modulesExist = (names: readonly string[]): Gate =>
  gate<Modules>({
    id: 'preflight:modules-exist',
    title: `the next kernel has ${names.join(', ')}`,
    wish: names.toSorted(),
    observe: () => ({ all: { boot: boot(), present: modulesPresent(names), similar: modulesSimilar(names) } }),
    unmet: (now) => {
      const { kernel, nextKernel } = now.boot;
      const of = nextKernel === kernel ? `kernel ${kernel}` : `kernel ${nextKernel}, which boots next (${kernel} runs now)`;
      return names
        .filter((name) => (now.present.kernels[nextKernel]?.[name]?.as ?? 'absent') === 'absent')
        .map((name) => {
          const similar = now.similar[name] ?? null;
          return `there is no module ${name} for ${of}${similar === null ? '' : `; did you mean ${similar}?`}`;
        });
    },
  });

/** Nothing forbids to load the modules: neither modprobe.d nor the kernel command line. */
const notBlacklisted = (names: readonly string[]): Gate =>
  gate<ModulesBlocked>({
    id: 'preflight:not-blacklisted',
    title: `${names.join(', ')} may be loaded`,
    wish: names.toSorted(),
    observe: () => modulesBlocked(names),
    unmet: (now) => Object.entries(now).map(([name, why]) => `${name} must not be loaded: ${why}`),
  });

/** NetworkManager runs and has the connection, once, in a file that survives a boot. */
const networkManager = (name: string): Gate =>
  gate<Connection>({
    id: `preflight:network-manager:${name}`,
    title: `NetworkManager has the connection ${name}`,
    wish: name,
    observe: () => connection(name),
    unmet: (now) => {
      const trouble = noSingleProfile(name, now);
      if (trouble.length > 0) return trouble;
      const path = now.profiles[0]?.file ?? '';
      return path.startsWith('/etc/')
        ? []
        : [`the connection ${name} is kept in ${path || 'memory'}, which the next boot makes anew: change it where it comes from`];
    },
  });

/** The cluster knows the node, and no other run has cordoned it. */
const notCordonedByOthers = (): Gate =>
  gate<ClusterNode>({
    id: 'preflight:cordon',
    title: 'no other run has it',
    wish: 'free',
    observe: (ctx) => clusterNode(ctx.node.name),
    unmet: (now, _before, ctx) => (now === null ? [`the cluster has no Node ${ctx.node.name}`] : foreignCordon(now, ctx)),
  });

/** The node's disk has room for the snapshots and files that drover writes: with a full one, every change would fail half-way. */
const diskSpace = (): Gate =>
  gate<DiskSpace>({
    id: 'preflight:disk-space',
    title: 'the disk has room',
    wish: 'room',
    observe: () => diskSpaceState(),
    unmet: (now) =>
      Object.entries(now)
        .filter(([, room]) => room === 'full')
        .map(([folder]) => `the file system of ${folder} is full: make room there first (df ${folder})`),
  });

/** kube-proxy keeps an address for every service of the cluster on it. */
const SERVICES = 'kube-ipvs0';

/**
 * The address fits to its gateway, and nobody else has it. A node that has it already, moved half-way by hand, is no conflict.
 *
 * Looked at from the node, because it may reach what the controller does not; `plan` and `run` look from there as well, by the host key of
 * what answers, and ask inventory and cluster.
 */
const addressFree = ({ address, gateway }: Pick<AddressWish, 'address' | 'gateway'>): Gate =>
  gate<AddressHolder>({
    id: `preflight:address-free:${bareAddress(address)}`,
    title: `${address} by ${gateway} is right and free`,
    wish: { address, gateway },
    observe: () => addressHolder(bareAddress(address)),
    unmet: ({ own, answers, neighbour }, _before, { node }) => {
      const taken = (who: string): string =>
        `${node.name} is to move to ${bareAddress(address)}, but ${who}: find out which, or choose another address`;
      const wrong = addressTrouble({ address, gateway });
      if (own === SERVICES) return [...wrong, taken(`a service of the cluster has it (on ${SERVICES})`)];
      if (own !== null) return wrong;
      if (neighbour !== null) return [...wrong, taken(`a machine on its own network has that address already (${neighbour})`)];
      return answers === 'yes' ? [...wrong, taken('a machine answers ping there already')] : wrong;
    },
  });

/** Gates for the beginning of a runbook: all nodes pass them before any node is touched. */
export const preflight = {
  diskSpace,
  virtualMachine,
  notContainer,
  iptablesBackend,
  container: isContainer,
  onHost,
  bootScript: bootScriptFree,
  moduleScriptsRun,
  sysctlEffective,
  modulesExist,
  notBlacklisted,
  networkManager,
  addressFree,
  notCordonedByOthers,
  drainable,
} as const;
