import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Place, kubectl, startControlPlane } from './control-plane.ts';
import { type Account, createAccount } from './fleet.ts';
import { say, timed } from './log.ts';
import { endNamespace, labFolder, sweep } from './namespace.ts';
import { createNetwork } from './network.ts';
import { labNode } from './node.ts';
import { ensureReady } from './ready.ts';
import { type Bridges, type Machine, machine } from './topology.ts';
import { type Media, goOn, overlay, startVm } from './vm.ts';
import { poll } from './wait.ts';

/** How many nodes, and whether somebody has to move them between the subnets. */
export type LabOptions = { readonly nodes: number; readonly bridges: Bridges };

/** Everything of a lab that is on this machine, so that another process can take it up again. */
export type Started = {
  readonly place: Place;
  readonly image: string;
  readonly ready: string;
  readonly machines: readonly Machine[];
  readonly account: Account;
};

/** What a machine of a lab boots from. */
export const mediaOf = ({ place, image, ready }: Pick<Started, 'place' | 'image' | 'ready'>, { name }: Machine): Media => ({
  image,
  disk: path.join(place.folder, `${name}.qcow2`),
  seed: path.join(ready, `${name}.seed.tar`),
});

const lease = async (place: Place, { name }: Machine): Promise<string> =>
  (await kubectl(place, ['get', 'lease', '-n', 'kube-node-lease', name, '-o', 'jsonpath={.spec.renewTime}'])).stdout;

/** Starts namespace, control plane and machines from the snapshot, and returns when the cluster has heard from each node. */
export const start = async (options: LabOptions, netns: string, tied: boolean): Promise<Started> => {
  const { image, ready } = await ensureReady(options.nodes);
  await sweep();
  const machines = Array.from({ length: options.nodes }, (_, at) => machine(at + 1));
  const place: Place = { netns, folder: await labFolder(netns), pki: path.join(ready, 'pki'), tied };
  await cp(path.join(ready, 'etcd'), path.join(place.folder, 'etcd'), { recursive: true });
  await mkdir(path.join(place.folder, 'user'));
  const account = await createAccount(path.join(place.folder, 'user'), ready, machines);
  const started = { place, image, ready, machines, account };
  try {
    await createNetwork(netns, options.bridges, machines);
    const boot = async (each: Machine): Promise<void> => {
      const media = mediaOf(started, each);
      await overlay(path.join(ready, `${each.name}.qcow2`), media.disk);
      await startVm(place, each, { ...media, memory: path.join(ready, `${each.name}.memory.zst`) });
    };
    await timed('control plane and machines started', () => Promise.all([startControlPlane(place), ...machines.map(boot)]));
    await timed('nodes heard from', () => Promise.all(machines.map((each) => wake(started, each))));
  } catch (error) {
    say(`the lab did not start; its logs stay in ${place.folder}/logs`);
    await endNamespace(netns).catch((left: unknown) => say(`${netns}: ${String(left)}`));
    throw error;
  }
  return started;
};

/** Lets a machine go on, tells it the time (its clock stood still in the snapshot), and waits until the cluster has heard from its kubelet. */
const wake = async ({ place, ready }: Started, each: Machine): Promise<void> => {
  const before = await lease(place, each);
  await goOn(place, each);
  const node = labNode(place, { netns: place.netns, ssh: path.join(ready, 'ssh') }, each);
  await node.read(`date --set=@${Math.round(Date.now() / 1000)}`);
  await poll(`${each.name} renews its lease`, { withinMs: 300_000 }, async () =>
    (await lease(place, each)) === before ? undefined : true,
  );
  await node.freshlyReady();
};
