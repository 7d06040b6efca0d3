/** A fleet in a box: nodes behind real ssh servers, a Kubernetes API over HTTP, helm and vCenter, faults on demand. For tests and the demo. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { wallClock } from '../channels/wall-clock.ts';
import { addBudget } from './cluster/eviction.ts';
import { addDaemonSet, addPod } from './cluster/pods.ts';
import { listedPods, openConsole } from './console.ts';
import { CONTROL_PLANE, NETWORKS, runners } from './fleet.ts';
import { govcHttp } from './govc.ts';
import { helmHttp } from './helm/stand-in.ts';
import { createHostKeys } from './keys.ts';
import { startApiServer } from './kubernetes.ts';
import type { SimOptions } from './options.ts';
import { startPump } from './pump.ts';
import { seedReleases, seedWorld } from './seed.ts';
import { writeSettings } from './settings.ts';
import type { Sim } from './sim.ts';
import { viewNode } from './sim-node.ts';
import { createSshFleet } from './ssh-fleet.ts';
import { writeStandIns } from './stand-ins.ts';
import { createVcenter, vcenterHttp } from './vcenter.ts';
import { occupy } from './world.ts';

export { gitlabRunners } from './fleet.ts';
export type { NodeFaults } from './node/faults.ts';
export type { SimNodeOptions, SimOptions } from './options.ts';
export type { Sim } from './sim.ts';
export type { SimNode } from './sim-node.ts';

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
  const world = seedWorld(nodes, options, clock.now());
  const stop = new AbortController();
  const releases = seedReleases(clock.now());
  const hostKey = createHostKeys();

  let follow = (): void => undefined;
  const pump = startPump(world, clock, (moved) => {
    if (moved) follow();
  });
  const vcenter = createVcenter(
    world,
    () => clock.now(),
    () => pump.turn(),
  );
  const extras = [helmHttp(releases, clock, world.timings.helmMs, stop.signal), govcHttp(world, vcenter), vcenterHttp(world, vcenter)];
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
  await writeStandIns(path.join(dir, 'bin'), api.url, ['helm', 'govc']);
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
    occupy: async (address, there = true) => {
      occupy(world, address, there, clock.now());
      await fleet.follow();
    },
    console: (name) => openConsole(machine(name), clock, stop.signal, () => pump.turn(name)),
    vcenter,
    person: {
      moveAndRestart: (vm, network = (options.networkNames ?? NETWORKS)[1]) => {
        vcenter.move(vm, network);
        vcenter.reset(vm);
      },
    },
    api: {
      fail: (fault) => world.cluster.faults.push(fault),
      setDown: (down) => (world.cluster.down = down),
      addPod: (pod) => addPod(world.cluster, pod, clock.now()),
      pods: (node) => {
        pump.turn();
        return listedPods(world, node);
      },
      addDaemonSet: (namespace, name) => void addDaemonSet(world.cluster, namespace, name, clock.now()),
      addBudget: (budget) => addBudget(world.cluster, budget, clock.now()),
    },
    releases,
    close,
    [Symbol.asyncDispose]: close,
  };
};
