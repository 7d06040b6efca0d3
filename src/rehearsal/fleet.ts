import type { Channels } from '../queue/station.ts';
import { addressesOf, runners } from '../sim/fleet.ts';
import { openConsole } from '../sim/console.ts';
import type { InProcess } from '../sim/in-process-exec.ts';
import { inProcessChannel } from '../sim/in-process.ts';
import { inProcessCluster, inProcessControl } from '../sim/in-process-cluster.ts';
import type { NodeFaults } from '../sim/node/faults.ts';
import type { Machine } from '../sim/node/machine.ts';
import type { SimNodeOptions, SimOptions } from '../sim/options.ts';
import { startPump } from '../sim/pump.ts';
import { seedReleases, seedWorld } from '../sim/seed.ts';
import { type SimNode, viewNode } from '../sim/sim-node.ts';
import { type VirtualTime, virtualClock } from '../sim/virtual-time.ts';
import { moveVm, resetVm } from '../sim/world.ts';

/** A node of a rehearsal, where it is, and where the network is that it may move to. */
export type Place = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly address: string;
  /** With its prefix. */
  readonly newAddress: string;
  /** Of the new address. */
  readonly gateway: string;
};

/** What simulated nodes are made of. */
export type FleetOptions = {
  /** The nodes, or how many; one unless said. */
  readonly nodes?: readonly SimNodeOptions[] | number;
  /** What goes wrong, by node. */
  readonly faults?: Readonly<Record<string, NodeFaults>>;
  /** `shared` (the default): a new address answers at once. `separate`: somebody has to move the virtual machine first. */
  readonly networks?: NonNullable<SimOptions['networks']>;
};

/** What somebody beside drover can see and do: it does not hear of it. */
export type Hands = {
  /** A node as it is now, seen from outside; the first one unless named. */
  node(name?: string): SimNode;
  /** Replaces what goes wrong with a node. */
  setFaults(name: string, faults: NodeFaults): void;
  /** Types shell text on a node, as root, in front of it, and gives what it prints. */
  typed(name: string, text: string): Promise<string>;
  /** Moves the virtual machine of a node to the other network (or to one by name) and restarts it there. */
  moveAndRestart(name: string, network?: string): void;
};

/** Simulated nodes and their cluster in virtual time, reached without ssh. */
export type Fleet = Hands & { readonly places: readonly Place[]; readonly channels: Channels; stop(): void };

const never = new AbortController().signal;
/** How long it takes to notice that nobody is at an address. */
const SILENT_MS = 3000;

/** Starts the nodes. Real times: a boot takes half a minute, which costs nothing. */
export const startFleet = ({ nodes = 1, faults = {}, networks = 'shared' }: FleetOptions, time: VirtualTime): Fleet => {
  const list = typeof nodes === 'number' ? runners(nodes) : nodes;
  const clock = virtualClock(time);
  const world = seedWorld(list, { nodes: list, speed: 1, seed: 1, networks }, time.now());
  const releases = seedReleases(time.now());
  const pump = startPump(world, clock);
  const sim: InProcess = { world, clock, silentMs: SILENT_MS, turn: (machine) => pump.turn(machine) };
  pump.turn();
  const machine = (name = list[0]?.name ?? ''): Machine => {
    const found = world.machines.get(name);
    if (!found) throw new Error(`the rehearsal has no node ${name}; it has ${[...world.machines.keys()].join(', ')}`);
    return found;
  };
  const setFaults: Fleet['setFaults'] = (name, wanted) => {
    const { faults: current, files } = machine(name);
    for (const key of Object.keys(current)) Reflect.deleteProperty(current, key);
    Object.assign(current, wanted);
    files.full = wanted.diskFull === true;
    pump.turn(name);
  };
  // the boot with which a world begins is none of those that are to go wrong
  for (const [name, wanted] of Object.entries(faults)) setFaults(name, wanted);
  const open = new Map<string, ReturnType<typeof inProcessChannel>>();
  return {
    places: list.map(({ name, labels = {} }, index) => {
      const { address, newAddress } = addressesOf(index + 1);
      return { name, labels, address, newAddress: `${newAddress}/24`, gateway: newAddress.replace(/\d+$/, '1') };
    }),
    channels: {
      node: (name) => {
        const known = open.get(name) ?? inProcessChannel(name, sim);
        open.set(name, known);
        return known;
      },
      cluster: inProcessCluster(sim),
      control: inProcessControl(releases, sim),
    },
    node: (name) => {
      pump.turn();
      return viewNode(world, machine(name));
    },
    setFaults,
    typed: async (name, text) => (await openConsole(machine(name), clock, never, () => pump.turn(name)).typed(text)).text,
    moveAndRestart: (name, network = 'services') => {
      moveVm(world, name, network);
      resetVm(world, name, time.now());
      pump.turn(name);
    },
    stop: () => pump.stop(),
  };
};
