import type { Clock } from '../core/ports.ts';
import { type KubeObject, at, listAt, listObjects, textAt } from './cluster/cluster.ts';
import { isReady } from './cluster/pods.ts';
import { restartsOf } from './cluster/sandboxes.ts';
import { drive } from './drive.ts';
import { type Machine, type Process, isUp } from './node/machine.ts';
import { login } from './shell/login.ts';
import type { World } from './world.ts';

/** What a command that was typed has printed, both streams together, and how it ended; null when it was cut off. */
type Typed = { readonly text: string; readonly exitCode: number | null };

/** Somebody who sits in front of a node, as root. */
export type Console = {
  /** Runs shell text on a node that is up. */
  typed(command: string): Promise<Typed>;
  /** Restarts the node; resolves when it is up again, false when it is not after a minute of real time. */
  restarted(): Promise<boolean>;
};

const LOOK_MS = 20;
const UP_MS = 60_000;

/** Opens the console of a machine. */
export const openConsole = (machine: Machine, clock: Clock, signal: AbortSignal, turn: () => void): Console => {
  const typed = async (command: string): Promise<Typed> => {
    const process: Process = { ended: false };
    let text = '';
    const sink = (more: string): void => void (text += more);
    machine.processes.add(process);
    turn();
    const running = login(machine, { user: 'root', command, stdin: '', out: sink, err: sink, now: () => clock.now() });
    const exitCode = await drive(running, process, clock, signal, turn);
    machine.processes.delete(process);
    return { text, exitCode };
  };
  const restarted = async (): Promise<boolean> => {
    const before = machine.bootId;
    const until = clock.now() + UP_MS;
    await typed('systemctl reboot');
    while (machine.bootId === before || !isUp(machine)) {
      if (clock.now() > until || signal.aborted) return false;
      await clock.sleep(LOOK_MS, signal);
      turn();
    }
    return true;
  };
  return { typed, restarted };
};

/** A pod as `kubectl get pods` lists it. */
export type ListedPod = { readonly namespace: string; readonly name: string; readonly status: string; readonly restarts: number };

const statusOf = (pod: KubeObject): string => {
  if (at(pod, 'metadata', 'deletionTimestamp') !== null) return 'Terminating';
  const phase = textAt(pod, 'status', 'phase');
  const init = textAt(listAt(pod, 'status', 'initContainerStatuses')[0], 'state', 'waiting', 'reason');
  if (init !== '') return `Init:${init}`;
  return phase === 'Running' && !isReady(pod) ? 'NotReady' : phase;
};

/** The pods of a node, by namespace and name. */
export const listedPods = ({ cluster }: World, node: string): readonly ListedPod[] =>
  listObjects(cluster, 'pods')
    .filter(([, pod]) => textAt(pod, 'spec', 'nodeName') === node)
    .map(([, pod]) => ({
      namespace: textAt(pod, 'metadata', 'namespace'),
      name: textAt(pod, 'metadata', 'name'),
      status: statusOf(pod),
      restarts: restartsOf(pod),
    }))
    .toSorted((a, b) => `${a.namespace}/${a.name}`.localeCompare(`${b.namespace}/${b.name}`));
