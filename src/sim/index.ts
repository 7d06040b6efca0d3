/** A fleet in a box: nodes behind real ssh servers, a Kubernetes API over HTTP, helm and vCenter, faults on demand. For tests and the demo. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { wallClock } from './clock.ts';
import type { ApiFault } from './cluster/cluster.ts';
import { addBudget } from './cluster/eviction.ts';
import { type PodOptions, addPod } from './cluster/pods.ts';
import { CONTROL_PLANE, addressesOf, networksFor, runners } from './fleet.ts';
import { type Releases, addRelease, createReleases } from './helm/releases.ts';
import { helmHttp, writeHelm } from './helm/stand-in.ts';
import { createHostKeys } from './keys.ts';
import { startApiServer } from './kubernetes.ts';
import type { NodeFaults } from './node/faults.ts';
import type { SimOptions } from './options.ts';
import { startPump } from './pump.ts';
import { seededIds } from './random.ts';
import { type Settings, writeSettings } from './settings.ts';
import { type SimNode, viewNode } from './sim-node.ts';
import { createSshFleet } from './ssh-fleet.ts';
import { timingsAt } from './timings.ts';
import { type Vcenter, createVcenter, vcenterHttp } from './vcenter.ts';
import { addNode, createWorld } from './world.ts';

export { gitlabRunners } from './fleet.ts';
export type { NodeFaults } from './node/faults.ts';
export type { SimNodeOptions, SimOptions } from './options.ts';
export type { SimNode } from './sim-node.ts';

/** A running simulation. Its nodes are reached with what `fleetYaml` and `env` say, by drover or by any other ssh client. */
export type Sim = AsyncDisposable &
  Omit<Settings, 'authorizedKey'> & {
    readonly dir: string;
    /** Of all ssh servers. */
    readonly sshPort: number;
    readonly apiUrl: string;
    /** To add to the environment of drover: PATH with the stand-in for helm in front, and KUBECONFIG. */
    readonly env: Readonly<Record<'PATH' | 'KUBECONFIG', string>>;
    readonly names: readonly string[];
    /** The gateway of the network that nodes move to. */
    readonly gateway: string;
    /** A node as it is now, seen from outside. */
    node(name: string): SimNode;
    /** Replaces what goes wrong with a node. */
    setFaults(name: string, faults: NodeFaults): void;
    readonly vcenter: Vcenter;
    /** What the operator does by hand when drover asks: moves the VM to a network (`services` unless said) and restarts it. */
    readonly person: { moveAndRestart(vm: string, network?: string): void };
    readonly api: {
      /** The next requests that fit are answered with a status instead. */
      fail(fault: ApiFault): void;
      /** Cuts every connection, or answers again. */
      setDown(down: boolean): void;
      addPod(pod: PodOptions): void;
      addBudget(budget: Parameters<typeof addBudget>[1]): void;
    };
    /** The releases of helm, and how its next calls fail. */
    readonly releases: Releases;
    close(): Promise<void>;
  };

const TOKEN = 'sim-token';

/**
 * Starts a fleet on loopback addresses below 127.77.0.0/16, which Linux has without set-up.
 *
 * @example
 * await using sim = await startSim({ nodes: gitlabRunners, speed: 600 });
 * // drover --fleet sim.fleetYaml run migrate-runner-node …, with sim.env in the environment
 */
export const startSim = async (options: SimOptions): Promise<Sim> => {
  const nodes = typeof options.nodes === 'number' ? runners(options.nodes) : options.nodes;
  const clock = wallClock;
  const timings = timingsAt(options.speed ?? 20);
  const seed = options.seed ?? Math.floor(seededIds(Date.now() ^ process.pid).fraction() * 2 ** 32);
  const world = createWorld({ timings, networks: networksFor(nodes.length), seed });
  const stop = new AbortController();
  const releases = createReleases();
  const hostKey = createHostKeys();

  nodes.forEach(({ name, ...node }, index) => {
    const { address, gateway } = addressesOf(index + 1);
    const faults = options.faults?.[name];
    addNode(
      world,
      { ...node, name, address: `${address}/24`, gateway, network: options.networks === 'shared' ? null : 'ci', ...(faults && { faults }) },
      clock.now(),
    );
    addPod(
      world.cluster,
      {
        namespace: 'gitlab-runner',
        name: `gitlab-runner-7d9c-${index + 1}`,
        node: name,
        labels: { app: 'gitlab-runner' },
        owner: 'ReplicaSet/gitlab-runner-7d9c',
      },
      clock.now(),
    );
    addPod(
      world.cluster,
      {
        namespace: 'kube-system',
        name: `kube-proxy-${index + 1}`,
        node: name,
        labels: { 'k8s-app': 'kube-proxy' },
        owner: 'DaemonSet/kube-proxy',
      },
      clock.now(),
    );
  });
  addRelease(
    releases,
    {
      name: 'gitlab-runner',
      namespace: 'gitlab-runner',
      chart: 'gitlab-runner-0.71.0',
      values: { gitlabUrl: 'https://gitlab.example.org/', runnerToken: 'glrt-simulated' },
    },
    new Date(clock.now()).toISOString(),
  );

  let follow = (): void => undefined;
  const pump = startPump(world, clock, () => follow());
  const vcenter = createVcenter(
    world,
    () => clock.now(),
    () => pump.turn(),
  );
  const extras = [helmHttp(releases, clock, timings.helmMs, stop.signal), vcenterHttp(world, vcenter)];
  const api = await startApiServer({
    cluster: world.cluster,
    listen: CONTROL_PLANE,
    token: TOKEN,
    now: () => clock.now(),
    turn: () => pump.turn(),
    extra: async (method, url, body) => {
      for (const extra of extras) {
        const found = await extra(method, url, body);
        if (found) return found;
      }
      return undefined;
    },
  });
  const made = options.dir === undefined ? await mkdtemp(path.join(tmpdir(), 'drover-sim-')) : undefined;
  const dir = made ?? options.dir ?? tmpdir();
  const { authorizedKey, ...settings } = await writeSettings(dir, { nodes, sshPort: api.port, apiUrl: api.url, token: TOKEN, hostKey });
  await writeHelm(path.join(dir, 'bin'), api.url);
  const fleet = createSshFleet(world, {
    port: api.port,
    authorizedKey: () => authorizedKey,
    clock,
    signal: stop.signal,
    hostKey,
    turn: (name) => pump.turn(name),
  });
  pump.turn();
  await fleet.follow();
  follow = () => void fleet.follow();

  const machine = (name: string) => {
    const found = world.machines.get(name);
    if (!found) throw new Error(`the simulator has no node ${name}`);
    return found;
  };
  const close = async (): Promise<void> => {
    follow = () => undefined;
    pump.stop();
    stop.abort();
    await fleet.close();
    await api.close();
    if (made !== undefined) await rm(made, { recursive: true, force: true });
  };
  return {
    ...settings,
    dir,
    sshPort: api.port,
    apiUrl: api.url,
    env: {
      PATH: `${path.join(dir, 'bin')}:${options.path ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'}`,
      KUBECONFIG: settings.kubeconfig,
    },
    names: nodes.map(({ name }) => name),
    gateway: '127.77.1.1',
    node: (name) => {
      pump.turn();
      return viewNode(world, machine(name));
    },
    setFaults: (name, faults) => {
      const { faults: current, files } = machine(name);
      for (const key of Object.keys(current)) Reflect.deleteProperty(current, key);
      Object.assign(current, faults);
      files.full = faults.diskFull === true;
      world.strangers.delete(name);
      pump.turn(name);
    },
    vcenter,
    person: {
      moveAndRestart: (vm, network = 'services') => {
        vcenter.move(vm, network);
        vcenter.reset(vm);
      },
    },
    api: {
      fail: (fault) => world.cluster.faults.push(fault),
      setDown: (down) => (world.cluster.down = down),
      addPod: (pod) => addPod(world.cluster, pod, clock.now()),
      addBudget: (budget) => addBudget(world.cluster, budget, clock.now()),
    },
    releases,
    close,
    [Symbol.asyncDispose]: close,
  };
};
