import { createHash } from 'node:crypto';
import type { NodeEvent } from '../../src/core/event.ts';
import { type Plan, layOut } from '../../src/core/plan.ts';
import type { Disruption, Step } from '../../src/core/step.ts';
import { execute } from '../../src/engine/execute.ts';
import { type NodePreview, preview } from '../../src/engine/preview.ts';
import type { Ended, World as EngineWorld } from '../../src/engine/world.ts';
import { memoryJournal } from '../../src/journal/memory.ts';
import { at, listObjects, textAt } from '../../src/sim/cluster/cluster.ts';
import { addBudget } from '../../src/sim/cluster/eviction.ts';
import { type PodOptions, addDaemonSet, addPod, isReady } from '../../src/sim/cluster/pods.ts';
import { restartsOf } from '../../src/sim/cluster/sandboxes.ts';
import { inProcessChannel } from '../../src/sim/in-process.ts';
import { inProcessCluster } from '../../src/sim/in-process-cluster.ts';
import type { Distro, Machine } from '../../src/sim/node/machine.ts';
import type { RuntimePast } from '../../src/sim/node/runtime.ts';
import { login } from '../../src/sim/shell/login.ts';
import { timingsAt } from '../../src/sim/timings.ts';
import { addNode, advance, createWorld, nextDue } from '../../src/sim/world.ts';
import { virtualClock, virtualTime } from '../../src/sim/virtual-time.ts';

const START = 1_700_000_000_000;

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
  /** Works on n1 until it has ended or waits for a word. `each` is asked what becomes of the pods, at every event of the cluster's. */
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
  const time = virtualTime(START);
  const clock = virtualClock(time);
  const world = createWorld({ timings: timingsAt(1), networks: [{ name: 'ci', subnets: ['10.77.0.0/24'] }], seed: 3 });
  const { distro = 'el8', past, files } = options;
  const base = { gateway: '10.77.0.1', network: 'ci', distro } as const;
  const machine = addNode(world, { ...base, name: 'n1', address: '10.77.0.11/24', containerd: past, ...(files && { files }) }, START);
  addNode(world, { ...base, name: 'n2', address: '10.77.0.12/24', containerd: [{ version: '1.6.18', hoursAgo: 90 * 24 }] }, START);
  let down = 0;
  let forget: (() => void) | undefined;
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
  const turn = (touched?: string): void => {
    if (touched !== undefined) world.touched.add(touched);
    advance(world, time.now());
    down = Math.max(down, seen().filter(({ ready }) => !ready).length);
    forget?.();
    const due = nextDue(world);
    forget = due === null ? undefined : time.at(Math.max(due, time.now() + 1), () => turn());
  };
  turn('n1');
  let run = 1;
  let journal = memoryJournal(() => time.now());
  const node = { name: 'n1', addresses: ['10.77.0.11'], labels: {}, vars: {} };
  const sim = { world, clock, silentMs: 3000, turn };
  let [fence, nonces] = [0, 0];
  const means = (): EngineWorld => ({
    node: inProcessChannel('n1', sim),
    cluster: inProcessCluster(sim),
    control: { run: () => Promise.reject(new Error('there is no controller here')) },
    journal,
    memory: { recall: () => Promise.resolve({ addresses: [], identity: null }), remember: () => Promise.resolve() },
    clock,
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    nonce: () => `nonce${(nonces += 1)}`,
  });
  const hold = (plan: Plan, signal: AbortSignal, onFailure: 'pause' | 'rollback'): Promise<Ended> =>
    execute({ runId: `r${run}`, node, plan, onFailure, fence: (fence += 1), by: 'w', signal, admits: () => true, holdMs: 2000 }, means());
  const working = async (plan: Plan, signal: AbortSignal, onFailure: 'pause' | 'rollback'): Promise<Ended | undefined> => {
    while (!signal.aborted) {
      const ended = await hold(plan, signal, onFailure);
      if (ended.kind !== 'waiting' || ended.wakeInMs === null) return ended;
      const { parked } = await asked();
      if (parked) return ended;
      await clock.sleep(ended.wakeInMs, signal);
    }
    return undefined;
  };
  const events = () => journal.read(`r${run}`, 'n1');
  /** Whether a person has been asked and has not answered: nothing but a word goes on. */
  const asked = async (): Promise<{ readonly parked: boolean }> => {
    const all = await events();
    const last = (type: NodeEvent['type']): number => all.findLastIndex((event) => event.type === type);
    const spoken = (await journal.controls(`r${run}`)).filter(({ type }) => type === 'answer').length;
    return { parked: last('step.asked') > last('step.answered') && spoken <= all.filter(({ type }) => type === 'step.answered').length };
  };
  const until = async <T>(seconds: number, what: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> => {
    const stop = new AbortController();
    let result: { readonly is: T } | undefined;
    const doing = what(stop.signal).then((is) => (result = { is }));
    await time.run(time.now() + seconds * 1000, () => result !== undefined);
    const inTime = result !== undefined;
    stop.abort('the test goes on');
    if (!inTime) await time.run(time.now() + 60_000, () => result !== undefined);
    await doing;
    return inTime ? result?.is : undefined;
  };
  const say = async (record: Parameters<typeof journal.control>[1]): Promise<void> => void (await journal.control(`r${run}`, record));
  const self: ContainerdWorld = {
    machine,
    pod: ({ node: on = 'n1', ...pod }) => {
      addPod(
        world.cluster,
        { namespace: 'shop', node: on, ...pod, ...(pod.labels ? {} : { labels: { app: pod.name.replace(/-\d+$/, '') } }) },
        time.now(),
      );
      turn();
    },
    daemonSet: (name) => void addDaemonSet(world.cluster, 'shop', name, time.now()),
    budget: (name, app, minAvailable) =>
      void addBudget(world.cluster, { namespace: 'shop', name, labels: { app }, minAvailable }, time.now()),
    pods: seen,
    type: async (command) => {
      let text = '';
      const sink = (more: string): void => void (text += more);
      const running = login(machine, { user: 'root', command, stdin: '', out: sink, err: sink, now: () => time.now() });
      for (let step = running.next(); step.done !== true; step = running.next()) await self.pass(step.value / 1000);
      turn('n1');
      return text;
    },
    pass: async (seconds) => {
      let over = false;
      time.at(time.now() + seconds * 1000, () => (over = true));
      await time.run(Number.POSITIVE_INFINITY, () => over);
    },
    work: (steps, onFailure = 'pause') => {
      down = 0;
      return until(30 * 3600, (signal) => working(layOut(steps), signal, onFailure));
    },
    answer: (step, answer) => say({ by: 'ops', type: 'answer', step, answer }),
    rollBack: () => say({ by: 'ops', type: 'rollback' }),
    replay: () => say({ by: 'ops', type: 'replay' }),
    events,
    told: async () => (await events()).map((event) => ('step' in event ? `${event.type} ${event.step}` : event.type)),
    preview: async (steps) => {
      const seenNow = await until(600, (signal) => preview(means(), layOut(steps), node, `r${run}`, signal));
      if (!seenNow) throw new Error('there is no preview');
      return seenNow;
    },
    mostDown: () => down,
    again: () => {
      run += 1;
      journal = memoryJournal(() => time.now());
    },
  };
  return self;
};
