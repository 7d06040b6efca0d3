import { at } from '../../src/sim/cluster/cluster.ts';
import { nodeKey } from '../../src/sim/cluster/kubelet.ts';
import { isReady } from '../../src/sim/cluster/pods.ts';
import { mergePatch } from '../../src/sim/cluster/merge-patch.ts';
import { store } from '../../src/sim/cluster/cluster.ts';
import { addRelease, createReleases, type Releases } from '../../src/sim/helm/releases.ts';
import type { InProcess } from '../../src/sim/in-process-exec.ts';
import { textFile } from '../../src/sim/node/files.ts';
import { loadModule } from '../../src/sim/node/kernel.ts';
import type { Machine } from '../../src/sim/node/machine.ts';
import { seededIds } from '../../src/sim/random.ts';
import { timingsAt } from '../../src/sim/timings.ts';
import { addBudget } from '../../src/sim/cluster/eviction.ts';
import { addDaemonSet, addPod } from '../../src/sim/cluster/pods.ts';
import { type World, addNode, advance, createWorld, nextDue } from '../../src/sim/world.ts';
import { type Json, isJsonObject } from '../../src/core/json.ts';
import { MODULE, MODULES_FILE, PACKAGE, PLAIN_FILE, RELEASE, SECRET, SECRET_FILE, addressesOf } from './runbook.ts';
import type { Scenario } from './scenario.ts';
import { type Truth, truthOf } from './truth.ts';
import { type VirtualTime, virtualClock } from '../../src/sim/virtual-time.ts';

/** The simulated machines and cluster of a world. */
export type Fleet = {
  readonly world: World;
  readonly releases: Releases;
  readonly sim: InProcess;
  machine(name: string): Machine;
  /** What is really so of a node now. */
  truth(name: string): Truth;
  /** The boot that a machine was on at a time. */
  bootAt(name: string, at: number): string;
  /** All boots of a machine, in order. */
  bootsOf(name: string): readonly { readonly at: number; readonly id: string }[];
  /** Lets the world follow after something was done to a machine, or to the cluster. */
  turn(machine?: string): void;
  /** Changes a Node object, as kubectl would. */
  kubectl(name: string, patch: Json): void;
  /** When pods could last come to a node, because it was not cordoned; -Infinity when they never could. */
  openUntil(name: string): number;
  /** For how much of this time the Node object was not Ready. */
  unready(name: string, from: number, to: number): 'never' | 'a while' | 'always';
};

/** Who is told of what happens to the machines by itself. */
export type Seen = { powerLost(machine: Machine): void; stranger(machine: Machine): void };

/** What a Node object says about being cordoned, and by whom. */
export const cordonOf = (world: World, name: string): { readonly unschedulable: boolean; readonly annotation: string | null } => {
  const node = world.cluster.objects.get(nodeKey(name));
  const annotation = at(node, 'metadata', 'annotations', 'drover.dev/cordon');
  return { unschedulable: at(node, 'spec', 'unschedulable') === true, annotation: typeof annotation === 'string' ? annotation : null };
};

/** Sets the fleet of a scenario up. */
export const fleetOf = (scenario: Scenario, time: VirtualTime, silentMs: number, seen: Seen): Fleet => {
  const { recipe, distro } = scenario;
  const world = createWorld({
    timings: timingsAt(scenario.speed),
    networks: [
      { name: 'ci', subnets: ['10.1.0.0/24'] },
      { name: 'services', subnets: ['10.2.0.0/24'] },
      { name: 'elsewhere', subnets: ['10.9.0.0/24'] },
      { name: 'dark', subnets: [] },
    ],
    seed: 7,
  });
  let forget: (() => void) | undefined;
  let alarmAt = Number.POSITIVE_INFINITY;
  const health = new Map<string, { object: unknown; readonly changes: { readonly at: number; readonly ready: boolean }[] }>();
  const noteHealth = (name: string): void => {
    const object = world.cluster.objects.get(nodeKey(name));
    let known = health.get(name);
    if (!known) health.set(name, (known = { object: undefined, changes: [] }));
    if (!object || known.object === object) return;
    known.object = object;
    const ready = isReady(object);
    if (known.changes.at(-1)?.ready !== ready) known.changes.push({ at: time.now(), ready });
  };
  const open = new Map<string, number>();
  const noteCordon = (name: string): void => {
    if (!cordonOf(world, name).unschedulable) open.set(name, time.now());
  };
  const boots = new Map<string, { readonly at: number; readonly id: string }[]>();
  const noteBoot = ({ name, bootId, bootedAt }: Machine): void => {
    let known = boots.get(name);
    if (!known) boots.set(name, (known = []));
    if (known.at(-1)?.id !== bootId) known.push({ at: bootedAt, id: bootId });
  };
  const toBeCut = new Set<Machine>();
  const notePower = (one: Machine): void => {
    if (one.faults.powerCut) toBeCut.add(one);
    else if (toBeCut.delete(one)) seen.powerLost(one);
  };
  const turn = (machine?: string): void => {
    if (machine !== undefined) world.touched.add(machine);
    advance(world, time.now());
    for (const { name } of scenario.nodes) noteHealth(name);
    if (recipe.drains) for (const { name } of scenario.nodes) noteCordon(name);
    for (const one of world.machines.values()) {
      notePower(one);
      noteBoot(one);
    }
    for (const one of world.strangers.values()) seen.stranger(one.machine);
    const due = nextDue(world) ?? Number.POSITIVE_INFINITY;
    if (due === alarmAt) return;
    forget?.();
    alarmAt = due;
    forget = Number.isFinite(due)
      ? time.at(due, () => {
          alarmAt = Number.POSITIVE_INFINITY;
          turn();
        })
      : undefined;
  };
  const releases = createReleases();
  addRelease(
    releases,
    { name: RELEASE, namespace: 'runners', chart: 'gitlab-runner-0.71.0', values: { runnerToken: 'glrt-x' } },
    new Date(time.now()).toISOString(),
  );
  const moved = recipe.address && recipe.byPerson;
  const machine = (name: string): Machine => {
    const found = world.machines.get(name);
    if (!found) throw new Error(`there is no ${name}`);
    return found;
  };
  const kubectl = (name: string, patch: Json): void => {
    const key = nodeKey(name);
    const merged = mergePatch(world.cluster.objects.get(key) ?? null, patch);
    if (isJsonObject(merged)) store(world.cluster, key, merged, time.now());
    turn();
  };
  scenario.nodes.forEach(({ name, prior }, index) => {
    const { old } = addressesOf(recipe, name);
    // the same ids in each world: what was seen of a machine in one can be known in the next
    const ids = seededIds(1000 + index);
    const listed = prior === 'listed-not-loaded' || prior === 'done';
    const made = addNode(
      world,
      { name, distro, address: `${old}/24`, gateway: '10.1.0.1', network: moved ? 'ci' : null, ids, labels: {} },
      time.now(),
    );
    if (listed && recipe.modules) made.files.entries.set(MODULES_FILE, textFile(`${MODULE}\n`));
    if (prior === 'done') {
      if (recipe.modules) loadModule(made.kernel, MODULE);
      if (recipe.file) made.files.entries.set(PLAIN_FILE, textFile('content 1\n'));
      if (recipe.secret) made.files.entries.set(SECRET_FILE, textFile(SECRET.value));
      if (recipe.packages) made.packages.installed.set(PACKAGE, { version: '1', arch: 'noarch' });
    }
  });
  // what runs on the nodes; where all others are cordoned a pod waits for one that is not
  if (recipe.drains) {
    addDaemonSet(world.cluster, 'kube-system', 'kube-proxy', time.now());
    for (const { name } of scenario.nodes) {
      for (const pod of ['a', 'b'])
        addPod(world.cluster, { name: `${pod}-${name}`, node: name, labels: { app: pod }, owner: `ReplicaSet/${pod}` }, time.now());
      addPod(world.cluster, { namespace: 'kube-system', name: `proxy-${name}`, node: name, owner: 'DaemonSet/kube-proxy' }, time.now());
    }
    // now and then it has to wait: with one node out of service no other may go
    addBudget(world.cluster, { namespace: 'default', name: 'a', labels: { app: 'a' }, maxUnavailable: 1 }, time.now());
  }
  for (const { name, prior } of scenario.nodes) if (prior === 'cordoned-by-person') kubectl(name, { spec: { unschedulable: true } });
  turn();
  const clock = virtualClock(time);
  const unready = (name: string, from: number, to: number): 'never' | 'a while' | 'always' => {
    const changes = health.get(name)?.changes ?? [];
    const first = changes.findLast((change) => change.at <= from);
    const all = [...(first ? [first] : []), ...changes.filter((change) => change.at > from && change.at <= to)];
    if (all.every(({ ready }) => ready)) return 'never';
    return all.every(({ ready }) => !ready) ? 'always' : 'a while';
  };
  const truth = (name: string): Truth => truthOf(machine(name), world.cluster.objects.get(nodeKey(name)));
  const bootAt = (name: string, at: number): string => boots.get(name)?.findLast((one) => one.at <= at)?.id ?? '';
  return {
    world,
    releases,
    machine,
    truth,
    bootAt,
    bootsOf: (name) => boots.get(name) ?? [],
    turn,
    kubectl,
    openUntil: (name) => (cordonOf(world, name).unschedulable ? (open.get(name) ?? Number.NEGATIVE_INFINITY) : time.now()),
    unready,
    sim: { world, clock, silentMs, turn, env: { [SECRET.name]: SECRET.value } },
  };
};
