import type { NodeEvent } from '../../src/core/event.ts';
import { layOut } from '../../src/core/plan.ts';
import type { Disruption, Step } from '../../src/core/step.ts';
import { type NodePreview, preview } from '../../src/engine/preview.ts';
import type { Ended, World as Means } from '../../src/engine/world.ts';
import { memoryJournal } from '../../src/journal/memory.ts';
import { at, listObjects, textAt } from '../../src/sim/cluster/cluster.ts';
import { addBudget } from '../../src/sim/cluster/eviction.ts';
import { type PodOptions, addDaemonSet, addPod, isReady } from '../../src/sim/cluster/pods.ts';
import { restartsOf } from '../../src/sim/cluster/sandboxes.ts';
import { openConsole } from '../../src/sim/console.ts';
import { inProcessChannel } from '../../src/sim/in-process.ts';
import { inProcessCluster } from '../../src/sim/in-process-cluster.ts';
import type { Distro, Machine } from '../../src/sim/node/machine.ts';
import type { RuntimePast } from '../../src/sim/node/runtime.ts';
import { timingsAt } from '../../src/sim/timings.ts';
import { addNode, createWorld } from '../../src/sim/world.ts';
import { inProcess } from '../engine/in-process.ts';
import { holdNode, holdToEnd, meansOf, toldBy } from '../engine/means.ts';
import { START } from '../sim/box.ts';

/** A pod as a test sees it. */
export type SeenPod = {
  readonly name: string;
  readonly node: string;
  readonly ready: boolean;
  readonly restarts: number;
  readonly uid: string;
};

/** The node n1 with a past, n2 on which pods come back, and drover, in virtual time. */
export type ContainerdWorld = {
  readonly machine: Machine;
  pod(options: Omit<PodOptions, 'node'> & { readonly node?: string }): void;
  daemonSet(name: string): void;
  budget(name: string, app: string, minAvailable: number): void;
  /** All pods, by name. */
  pods(): readonly SeenPod[];
  /** Types on n1, as root. */
  type(command: string): Promise<string>;
  pass(seconds: number): Promise<void>;
  /** Works on n1 until it has ended or waits for a word. */
  work(steps: readonly (Step | Disruption)[], onFailure?: 'pause' | 'rollback'): Promise<Ended | undefined>;
  answer(step: string, answer: string): Promise<void>;
  rollBack(): Promise<void>;
  replay(): Promise<void>;
  events(): Promise<readonly NodeEvent[]>;
  told(): Promise<readonly string[]>;
  preview(steps: readonly (Step | Disruption)[]): Promise<NodePreview>;
  /** How many pods of the world were not Ready at once, at most, while drover worked. */
  readonly mostDown: () => number;
  /** Begins another run, with a journal of its own. */
  again(): void;
};

export const containerdWorld = (options: {
  readonly past: readonly RuntimePast[];
  readonly distro?: Distro;
  readonly files?: Readonly<Record<string, string>>;
}): ContainerdWorld => {
  const world = createWorld({ timings: timingsAt(1), networks: [{ name: 'ci', subnets: ['10.77.0.0/24'] }], seed: 3 });
  const { distro = 'el8', past, files } = options;
  const base = { gateway: '10.77.0.1', network: 'ci', distro } as const;
  const machine = addNode(world, { ...base, name: 'n1', address: '10.77.0.11/24', containerd: past, ...(files && { files }) }, START);
  addNode(world, { ...base, name: 'n2', address: '10.77.0.12/24', containerd: [{ version: '1.6.18', hoursAgo: 90 * 24 }] }, START);
  let down = 0;
  const seen = (): readonly SeenPod[] =>
    listObjects(world.cluster, 'pods')
      .map(([, pod]) => ({
        name: textAt(pod, 'metadata', 'name'),
        node: textAt(pod, 'spec', 'nodeName'),
        ready: isReady(pod) && at(pod, 'metadata', 'deletionTimestamp') === null,
        restarts: restartsOf(pod),
        uid: textAt(pod, 'metadata', 'uid'),
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const { clock, pass, sim, within } = inProcess(world, () => {
    down = Math.max(down, seen().filter(({ ready }) => !ready).length);
  });
  let run = 1;
  let journal = memoryJournal(() => clock.now());
  const node = { name: 'n1', addresses: ['10.77.0.11'], labels: {}, vars: {} };
  const means = (): Means => meansOf({ clock, journal, node: inProcessChannel('n1', sim), cluster: inProcessCluster(sim) });
  let fence = 0;
  const events = () => journal.read(`r${run}`, 'n1');
  /** Whether a person has been asked and has not answered: nothing but a word goes on. */
  const isAsked = async (): Promise<boolean> => {
    const all = await events();
    const last = (type: NodeEvent['type']): number => all.findLastIndex((event) => event.type === type);
    const spoken = (await journal.controls(`r${run}`)).filter(({ type }) => type === 'answer').length;
    return last('step.asked') > last('step.answered') && spoken <= all.filter(({ type }) => type === 'step.answered').length;
  };
  const say = async (record: Parameters<typeof journal.control>[1]): Promise<void> => void (await journal.control(`r${run}`, record));
  return {
    machine,
    pod: ({ node: on = 'n1', ...pod }) => {
      addPod(
        world.cluster,
        { namespace: 'shop', node: on, ...pod, ...(pod.labels ? {} : { labels: { app: pod.name.replace(/-\d+$/, '') } }) },
        clock.now(),
      );
      sim.turn();
    },
    daemonSet: (name) => void addDaemonSet(world.cluster, 'shop', name, clock.now()),
    budget: (name, app, minAvailable) =>
      void addBudget(world.cluster, { namespace: 'shop', name, labels: { app }, minAvailable }, clock.now()),
    pods: seen,
    type: (command) =>
      within(3600, async (signal) => (await openConsole(machine, clock, signal, () => sim.turn('n1')).typed(command)).text),
    pass,
    work: (steps, onFailure = 'pause') => {
      down = 0;
      const plan = layOut(steps);
      return within(30 * 3600, (signal) =>
        holdToEnd(
          async () => {
            const ended = await holdNode({ runId: `r${run}`, node, plan, onFailure, fence: (fence += 1), signal }, means());
            return ended.kind === 'waiting' && (await isAsked()) ? { ...ended, wakeInMs: null } : ended;
          },
          clock,
          signal,
        ),
      );
    },
    answer: (step, answer) => say({ by: 'ops', type: 'answer', step, answer }),
    rollBack: () => say({ by: 'ops', type: 'rollback' }),
    replay: () => say({ by: 'ops', type: 'replay' }),
    events,
    told: async () => toldBy(await events()),
    preview: (steps) => within(600, (signal) => preview(means(), layOut(steps), node, `r${run}`, signal)),
    mostDown: () => down,
    again: () => {
      run += 1;
      journal = memoryJournal(() => clock.now());
    },
  };
};
