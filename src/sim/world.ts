import { type Cluster, createCluster } from './cluster/cluster.ts';
import { nodeDue, registerNode, syncNode } from './cluster/kubelet.ts';
import { advancePods } from './cluster/pods.ts';
import { type MachineOptions, createMachine } from './node/create.ts';
import { type Machine, isUp } from './node/machine.ts';
import { inSubnet, liveAddresses } from './node/network.ts';
import { advancePower, powerDue, reset } from './node/power.ts';
import { type Ids, seededIds } from './random.ts';
import type { Timings } from './timings.ts';

/** A network that a virtual machine can be put on, with what belongs to it, e.g. `10.77.0.0/24`. */
export type Network = { readonly name: string; readonly subnets: readonly string[] };

/** Another machine that answers where a node should. */
export type Stranger = {
  readonly machine: Machine;
  readonly address: string;
  /** Shows the node's own host key, as a clone does. */ readonly sameKey: boolean;
};

/**
 * A whole fleet with its cluster and hypervisor, as a value that functions change.
 *
 * No I/O and no clock of its own: whoever drives it says what time it is, calls `advance` before each look, and again at `nextDue`.
 */
export type World = {
  readonly machines: Map<string, Machine>;
  readonly strangers: Map<string, Stranger>;
  readonly cluster: Cluster;
  readonly networks: readonly Network[];
  /** The network that each virtual machine is on, by name; null is all of them. */
  readonly placement: Map<string, string | null>;
  readonly timings: Timings;
  readonly ids: Ids;
};

/** An empty world; the same seed makes the same ids. */
export const createWorld = (options: {
  readonly timings: Timings;
  readonly networks: readonly Network[];
  readonly seed?: number;
}): World => {
  const ids = seededIds(options.seed ?? 1);
  return {
    machines: new Map(),
    strangers: new Map(),
    cluster: createCluster(options.timings, ids),
    networks: options.networks,
    placement: new Map(),
    timings: options.timings,
    ids,
  };
};

/** Adds a node: a machine that has booted, on a network, registered in the cluster. */
export const addNode = (
  world: World,
  options: Omit<MachineOptions, 'timings' | 'ids'> & {
    readonly network: string | null;
    readonly labels?: Readonly<Record<string, string>>;
  },
  now: number,
): Machine => {
  const machine = createMachine({ ...options, timings: world.timings, ids: world.ids }, now);
  world.machines.set(machine.name, machine);
  world.placement.set(machine.name, options.network);
  registerNode(world.cluster, machine, options.labels ?? {}, now);
  return machine;
};

/** The addresses of a machine that somebody can reach: it is up, and they belong to the network it is on. */
export const reachableAddresses = (world: World, machine: Machine): readonly string[] => {
  if (!isUp(machine)) return [];
  const network = world.placement.get(machine.name) ?? null;
  const subnets = world.networks.filter(({ name }) => network === null || name === network).flatMap(({ subnets: all }) => all);
  return liveAddresses(machine.network).filter((address) => subnets.some((subnet) => inSubnet(address, subnet)));
};

const sync = (world: World, machine: Machine, now: number): void =>
  syncNode(world.cluster, machine, reachableAddresses(world, machine).length > 0, now);

/** A machine of its own that has taken a node's address. */
const strangerFor = (world: World, machine: Machine, kind: 'host-key' | 'machine-id', now: number): Stranger | undefined => {
  const [address] = liveAddresses(machine.network);
  if (address === undefined) return undefined;
  const other = createMachine(
    {
      name: kind === 'machine-id' ? machine.name : `not-${machine.name}`,
      distro: machine.distro,
      address: `${address}/32`,
      gateway: '',
      timings: world.timings,
      ids: world.ids,
    },
    now,
  );
  return { machine: other, address, sameKey: kind === 'machine-id' };
};

/** Does everything that was due until now. */
export const advance = (world: World, now: number): void => {
  for (const machine of world.machines.values()) {
    const boots = machine.bootCount;
    // the kubelet's last report was just before it went down, so the cluster hears of both
    if (powerDue(machine) !== null) sync(world, machine, Math.min(now, powerDue(machine) ?? now));
    advancePower(machine, now);
    const kind = machine.faults.strangerAfterBoot;
    if (machine.bootCount !== boots && kind !== undefined) {
      delete machine.faults.strangerAfterBoot;
      const stranger = strangerFor(world, machine, kind, now);
      if (stranger) world.strangers.set(machine.name, stranger);
    }
    sync(world, machine, now);
  }
  advancePods(world.cluster, now);
};

/** When something happens next by itself; null when nothing will. */
export const nextDue = (world: World, now: number): number | null => {
  const due = [...world.machines.values()].flatMap((machine) => [
    powerDue(machine),
    nodeDue(world.cluster, machine, reachableAddresses(world, machine).length > 0, now),
  ]);
  const times = [...due, ...[...world.cluster.due.values()].map(({ at }) => at)].filter((time) => time !== null);
  return times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b));
};

/** Who answers at which address: the machine, and whose host key it shows. */
export const answering = (world: World): Map<string, { readonly machine: Machine; readonly key: string }> => {
  const found = new Map<string, { readonly machine: Machine; readonly key: string }>();
  for (const [name, { machine, address, sameKey }] of world.strangers) found.set(address, { machine, key: sameKey ? name : machine.name });
  for (const machine of world.machines.values())
    for (const address of reachableAddresses(world, machine)) if (!found.has(address)) found.set(address, { machine, key: machine.name });
  return found;
};

/** Puts a virtual machine on another network while it runs, as a person does in vCenter. */
export const moveVm = (world: World, name: string, network: string | null): void => {
  if (!world.machines.has(name)) throw new Error(`the simulator has no virtual machine ${name}`);
  if (network !== null && !world.networks.some((one) => one.name === network)) throw new Error(`the simulator has no network ${network}`);
  world.placement.set(name, network);
};

/** Resets a virtual machine; one that is off starts. */
export const resetVm = (world: World, name: string, now: number): void => {
  const machine = world.machines.get(name);
  if (!machine) throw new Error(`the simulator has no virtual machine ${name}`);
  advance(world, now);
  if (machine.faults.neverBoots) delete machine.faults.neverBoots;
  reset(machine, now);
};
