import { type Cluster, createCluster } from './cluster/cluster.ts';
import { nodeDue, registerNode, syncNode } from './cluster/kubelet.ts';
import { advancePods } from './cluster/pods.ts';
import { type MachineOptions, createMachine } from './node/create.ts';
import type { NodeFaults } from './node/faults.ts';
import { type Machine, isUp, machineId } from './node/machine.ts';
import { inSubnet, liveAddresses } from './node/network.ts';
import { type Link, advanceGuard, wakeGuard } from './node/deadman.ts';
import { advancePower, goDown, machineDue, powerDue, reset } from './node/power.ts';
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
 * No I/O and no clock of its own: whoever drives it says what time it is, touches each machine that a command has run on, and calls `advance`
 * after that, before each look, and at `nextDue`.
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
  /** Machines that somebody has done something to since the last `advance`. */
  readonly touched: Set<string>;
  /** When each machine next changes by itself. */
  readonly due: Map<string, number>;
  /** Where each machine was last found to answer, and on which boot. */
  readonly whereabouts: Map<string, string>;
  /** Rises for a machine whenever something on it may have changed. */
  readonly versions: Map<string, number>;
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
    touched: new Set(),
    due: new Map(),
    whereabouts: new Map(),
    versions: new Map(),
  };
};

/** Adds a node: a machine that has booted, on a network, registered in the cluster. */
export const addNode = (
  world: World,
  options: Omit<MachineOptions, 'timings' | 'ids'> & {
    /** Where its ids come from, if not from those of the world. */
    readonly ids?: Ids;
    readonly network: string | null;
    readonly labels?: Readonly<Record<string, string>>;
  },
  now: number,
): Machine => {
  const hears = (address: string): boolean => {
    const found = answeringAt(world, address);
    return found !== undefined && found.machine !== world.machines.get(options.name);
  };
  const machine = createMachine({ hears, ...options, timings: world.timings, ids: options.ids ?? world.ids }, now);
  world.machines.set(machine.name, machine);
  world.placement.set(machine.name, options.network);
  world.touched.add(machine.name);
  registerNode(world.cluster, machine, options.labels ?? {}, now);
  return machine;
};

/** The addresses of a machine that somebody can reach: it is up, and they belong to the network it is on. */
export const reachableAddresses = (world: World, machine: Machine): readonly string[] => {
  if (!isUp(machine)) return [];
  const network = world.placement.get(machine.name) ?? null;
  return liveAddresses(machine.network).filter((address) =>
    world.networks.some(
      ({ name, subnets }) => (network === null || name === network) && subnets.some((subnet) => inSubnet(address, subnet)),
    ),
  );
};

/** What a stranger has that is not the node's own: a host key, or with the node's key a machine-id, or with that too a product uuid. */
type Strange = NonNullable<NodeFaults['strangerAfterBoot']>;

/** Puts a machine of its own where a node is, or should be. */
export const placeStranger = (world: World, machine: Machine, address: string, kind: Strange, now: number): void => {
  const other = createMachine(
    {
      name: kind === 'host-key' ? `not-${machine.name}` : machine.name,
      distro: machine.distro,
      address: `${address}/32`,
      gateway: '',
      timings: world.timings,
      ids: world.ids,
      ...(kind === 'product-uuid' && { files: { '/etc/machine-id': `${machineId(machine)}\n` } }),
    },
    now,
  );
  world.strangers.set(machine.name, { machine: other, address, sameKey: kind !== 'host-key' });
};

/** What a machine hears on its network: a gateway has any address of a subnet there that nobody else has. */
const linkOf = (world: World, machine: Machine): Link => ({
  gateway: (address) => {
    const network = world.placement.get(machine.name) ?? null;
    return world.networks.some(
      ({ name, subnets }) => (network === null || name === network) && subnets.some((one) => inSubnet(address, one)),
    );
  },
  taken: machine.hears,
});

const guardTo = (machine: Machine, link: Link, now: number): void => {
  const end = advanceGuard(machine, link, now);
  if (end === 'restart') goDown(machine, 'boot', now);
  else if (end === 'power') reset(machine, now);
};

const advanceOne = (world: World, machine: Machine, now: number): void => {
  const boots = machine.bootCount;
  const down = machine.power.state === 'stopping' && machine.power.at <= now ? machine.power.at : null;
  const link = linkOf(world, machine);
  guardTo(machine, link, Math.min(now, powerDue(machine) ?? now));
  const changed = advancePower(machine, now);
  guardTo(machine, link, now);
  if (machine.bootCount !== boots && machine.faults.strangerAfterBoot !== undefined) {
    const [address] = liveAddresses(machine.network);
    if (address !== undefined) placeStranger(world, machine, address, machine.faults.strangerAfterBoot, now);
    delete machine.faults.strangerAfterBoot;
  }
  const reachable = reachableAddresses(world, machine);
  // the last report was just before it went down
  if (changed && down !== null) syncNode(world.cluster, machine, false, down);
  syncNode(world.cluster, machine, reachable.length > 0, now);
  const due = [machineDue(machine), nodeDue(world.cluster, machine, reachable.length > 0, now)].filter((time) => time !== null);
  if (due.length > 0) world.due.set(machine.name, Math.min(...due));
  else world.due.delete(machine.name);
};

/** Does everything that was due until now; tells whether anybody answers elsewhere, or on another boot, than before. */
export const advance = (world: World, now: number): boolean => {
  let moved = false;
  for (const name of world.touched) {
    const machine = world.machines.get(name);
    if (machine?.deadman) wakeGuard(machine, now);
  }
  for (const [name, due] of world.due) if (due <= now) world.touched.add(name);
  for (const name of world.touched) {
    const machine = world.machines.get(name);
    if (!machine) continue;
    world.versions.set(name, (world.versions.get(name) ?? 0) + 1);
    advanceOne(world, machine, now);
    const where = [isUp(machine) ? machine.bootId : '', world.strangers.has(name), ...reachableAddresses(world, machine)].join(' ');
    moved = moved || world.whereabouts.get(name) !== where;
    world.whereabouts.set(name, where);
  }
  world.touched.clear();
  advancePods(world.cluster, now);
  return moved;
};

/** When something happens next by itself; null when nothing will. */
export const nextDue = (world: World): number | null => {
  let first = Number.POSITIVE_INFINITY;
  for (const due of world.due.values()) first = Math.min(first, due);
  for (const { at } of world.cluster.due.values()) first = Math.min(first, at);
  return Number.isFinite(first) ? first : null;
};

/** Who answers at which address: the machine, and whose host key it shows. */
export const answering = (world: World): Map<string, { readonly machine: Machine; readonly key: string }> => {
  const found = new Map<string, { readonly machine: Machine; readonly key: string }>();
  for (const [name, { machine, address, sameKey }] of world.strangers) found.set(address, { machine, key: sameKey ? name : machine.name });
  for (const machine of world.machines.values())
    for (const address of reachableAddresses(world, machine)) if (!found.has(address)) found.set(address, { machine, key: machine.name });
  return found;
};

/** Who answers at one address. */
export const answeringAt = (world: World, wanted: string): { readonly machine: Machine; readonly key: string } | undefined => {
  for (const [name, { machine, address, sameKey }] of world.strangers)
    if (address === wanted) return { machine, key: sameKey ? name : machine.name };
  for (const machine of world.machines.values())
    if (reachableAddresses(world, machine).includes(wanted)) return { machine, key: machine.name };
  return undefined;
};

/** Puts a virtual machine on another network while it runs, as a person does in vCenter. */
export const moveVm = (world: World, name: string, network: string | null): void => {
  if (!world.machines.has(name)) throw new Error(`the simulator has no virtual machine ${name}`);
  if (network !== null && !world.networks.some((one) => one.name === network)) throw new Error(`the simulator has no network ${network}`);
  world.placement.set(name, network);
  world.touched.add(name);
};

/** Has a machine that is none of the fleet take an address of the network; without one that is there, it goes. */
export const occupy = (world: World, address: string, there: boolean, now: number): void => {
  const name = `@${address}`;
  world.strangers.delete(name);
  if (!there) return;
  const machine = createMachine(
    { name: `stranger-${address}`, address: `${address}/32`, gateway: '', timings: world.timings, ids: world.ids },
    now,
  );
  world.strangers.set(name, { machine, address, sameKey: false });
};

/** Resets a virtual machine; one that is off starts. */
export const resetVm = (world: World, name: string, now: number): void => {
  const machine = world.machines.get(name);
  if (!machine) throw new Error(`the simulator has no virtual machine ${name}`);
  advance(world, now);
  if (machine.faults.neverBoots) delete machine.faults.neverBoots;
  reset(machine, now);
  world.touched.add(name);
};
