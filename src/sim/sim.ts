import type { ApiFault } from './cluster/cluster.ts';
import type { addBudget } from './cluster/eviction.ts';
import type { PodOptions } from './cluster/pods.ts';
import type { Console, ListedPod } from './console.ts';
import type { Releases } from './helm/releases.ts';
import type { NodeFaults } from './node/faults.ts';
import type { Settings } from './settings.ts';
import type { SimNode } from './sim-node.ts';
import type { Vcenter } from './vcenter.ts';

/** A running simulation. Its nodes are reached with what `fleetYaml` and `env` say, by drover or by any other ssh client. */
export type Sim = AsyncDisposable &
  Omit<Settings, 'authorizedKey'> & {
    readonly dir: string;
    /** Of all ssh servers. */
    readonly sshPort: number;
    readonly apiUrl: string;
    /** To add to the environment of drover: PATH with the stand-ins for helm and govc in front, and KUBECONFIG. */
    readonly env: Readonly<Record<'PATH' | 'KUBECONFIG', string>>;
    readonly names: readonly string[];
    /** The gateway of the network that nodes move to. */
    readonly gateway: string;
    /** A node as it is now, seen from outside. */
    node(name: string): SimNode;
    /** Replaces what goes wrong with a node. */
    setFaults(name: string, faults: NodeFaults): void;
    /** A machine that is none of the fleet takes an address, or leaves it; resolves when it answers there, or no longer does. */
    occupy(address: string, there?: boolean): Promise<void>;
    /** Somebody in front of a node, as root: drover does not hear of it. */
    console(name: string): Console;
    readonly vcenter: Vcenter;
    /** What the operator does by hand when drover asks: moves the VM to a network (`services` unless said) and restarts it. */
    readonly person: { moveAndRestart(vm: string, network?: string): void };
    readonly api: {
      /** The next requests that fit are answered with a status instead. */
      fail(fault: ApiFault): void;
      /** Cuts every connection, or answers again. */
      setDown(down: boolean): void;
      addPod(pod: PodOptions): void;
      addDaemonSet(namespace: string, name: string): void;
      addBudget(budget: Parameters<typeof addBudget>[1]): void;
      /** The pods of a node, by namespace and name. */
      pods(node: string): readonly ListedPod[];
    };
    /** The releases of helm, and how its next calls fail. */
    readonly releases: Releases;
    close(): Promise<void>;
  };
