import { at } from './cluster/cluster.ts';
import { nodeKey } from './cluster/kubelet.ts';
import { isReady } from './cluster/pods.ts';
import { lookUp } from './node/files.ts';
import { storedFence } from './node/guard.ts';
import { type CommandRecord, type Machine, type Power, type Refusal, machineId } from './node/machine.ts';
import { unitName } from './node/units.ts';
import { type World, reachableAddresses } from './world.ts';

/** A node as somebody sees it who stands beside it: the truth, not what drover says. */
export type SimNode = {
  readonly name: string;
  readonly power: Power['state'];
  /** Counts from 1, the boot it was started with. */
  readonly bootCount: number;
  readonly bootId: string;
  readonly machineId: string;
  /** Where it can be reached now. */
  readonly addresses: readonly string[];
  readonly kernel: string;
  readonly loadedModules: readonly string[];
  readonly packages: readonly string[];
  /** The mutating commands that drover's wrapper let through, in order, with their fences. */
  readonly commands: readonly CommandRecord[];
  /** Those that it refused. */
  readonly refusals: readonly Refusal[];
  /** The highest fence that the node has stored. */
  readonly fence: number;
  /** Of the Node object. */
  readonly cordoned: boolean;
  readonly ready: boolean;
  /** Content, mode (as 0644) and owner of a file; undefined when there is none. */
  file(path: string): { readonly content: string; readonly mode: string; readonly owner: string } | undefined;
  unit(name: string): { readonly active: string; readonly enabled: string } | undefined;
};

/** Looks at a node from outside, as it is now. */
export const viewNode = (world: World, machine: Machine): SimNode => {
  const node = world.cluster.objects.get(nodeKey(machine.name));
  return {
    name: machine.name,
    power: machine.power.state,
    bootCount: machine.bootCount,
    bootId: machine.bootId,
    machineId: machineId(machine),
    addresses: reachableAddresses(world, machine),
    kernel: machine.kernel.running,
    loadedModules: [...machine.kernel.loaded],
    packages: [...machine.packages.installed.keys()],
    commands: machine.commands.map((command) => ({ ...command })),
    refusals: [...machine.refusals],
    fence: storedFence(machine),
    cordoned: at(node, 'spec', 'unschedulable') === true,
    ready: node !== undefined && isReady(node),
    file: (path) => {
      const entry = lookUp(machine.files, path);
      return entry?.kind === 'file'
        ? { content: entry.content, mode: entry.mode.toString(8).padStart(4, '0'), owner: `${entry.owner}:${entry.group}` }
        : undefined;
    },
    unit: (name) => {
      const found = machine.units.get(unitName(name));
      return found && { active: found.active, enabled: found.file };
    },
  };
};
