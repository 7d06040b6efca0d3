import { cp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { cached, hashOf, hashOfFolder } from './cache.ts';
import { type Place, kubectl, startControlPlane } from './control-plane.ts';
import { chart, helm, release } from './helm.ts';
import { createIdentities } from './identities.ts';
import { ensureImage, imageName } from './image.ts';
import { say, timed } from './log.ts';
import { endNamespace, labFolder, ownNamespace } from './namespace.ts';
import { createNetwork } from './network.ts';
import { type Result, must } from './process.ts';
import { assets } from './requirements.ts';
import { sshAt } from './ssh.ts';
import { type Machine, machine } from './topology.ts';
import { freeze, overlay, qemuVersion, startVm } from './vm.ts';
import { poll } from './wait.ts';

/** Bound of each step of a first boot. A quiet machine needs 35 s to ssh and half a minute more to Ready. */
const withinMs = 400_000;
/** The files that decide what a snapshot is. */
const recipe = ['control-plane.ts', 'identities.ts', 'pki.ts', 'ready.ts', 'seed.ts', 'topology.ts', 'vm.ts'];

const ok = (what: string, { exitCode, stdout, stderr }: Result): string => {
  if (exitCode !== 0) throw new Error(`${what}: exit ${exitCode}: ${(stderr || stdout).trim()}`);
  return stdout;
};

/** Waits for the first boot, gives the machine its container images and package lists, and starts its kubelet. */
const firstBoot = async (place: Place, folder: string, each: Machine): Promise<void> => {
  const observer = { netns: place.netns, ssh: path.join(folder, 'ssh') };
  const ssh = async (command: string, input?: Uint8Array): Promise<string> =>
    ok(`${each.name}: ${command}`, await sshAt(observer, each, 'a', command, input ? { input } : {}));
  await poll(`ssh to ${each.name} (its console is ${place.folder}/logs/${each.name}.console)`, { withinMs }, async () =>
    (await sshAt(observer, each, 'a', 'true', { connectSeconds: 8 })).exitCode === 0 ? true : undefined,
  );
  say(`${each.name} answers`);
  for (const archive of ['pause.tar', 'sleeper.tar']) {
    await ssh('ctr --namespace k8s.io images import -', await readFile(path.join(assets(), archive)));
  }
  await ssh('apt-get -q update && systemctl enable --now kubelet');
  await poll(`${each.name} is Ready`, { withinMs }, async () =>
    (await kubectl(place, ['wait', '--for=condition=Ready', `node/${each.name}`, '--timeout=5s'])).exitCode === 0 ? true : undefined,
  );
  say(`${each.name} is Ready`);
};

const make = async (folder: string, image: string, count: number): Promise<void> => {
  const machines = Array.from({ length: count }, (_, at) => machine(at + 1));
  const netns = ownNamespace();
  const place: Place = {
    netns,
    folder: await labFolder(netns),
    pki: path.join(folder, 'pki'),
    tied: true,
  };
  await createIdentities(folder, machines);
  await createNetwork(place.netns, 'two', machines);
  try {
    await startControlPlane(place);
    for (const each of machines) {
      const disk = path.join(folder, `${each.name}.qcow2`);
      await overlay(path.join(image, 'base.qcow2'), disk);
      await startVm(place, each, { image, disk, seed: path.join(folder, `${each.name}.seed.tar`) });
    }
    await timed('first boot', () => Promise.all(machines.map((each) => firstBoot(place, folder, each))));
    const values = ['--set', `replicas=${count}`, '--set', 'runnerToken=glrt-lab'];
    const install = [
      'upgrade',
      '--install',
      release,
      chart,
      '--namespace',
      release,
      '--create-namespace',
      '--wait',
      '--timeout',
      '5m',
      ...values,
    ];
    await timed('helm release', async () => ok('helm', await helm(place, install)));
    for (const each of machines) {
      const observer = { netns: place.netns, ssh: path.join(folder, 'ssh') };
      await sshAt(observer, each, 'a', 'systemctl is-system-running --wait; sync');
      await freeze(place, each, path.join(folder, `${each.name}.memory.zst`));
    }
  } finally {
    await endNamespace(place.netns);
  }
  await cp(path.join(place.folder, 'etcd'), path.join(folder, 'etcd'), { recursive: true });
  await rm(place.folder, { recursive: true });
};

/**
 * The folder with a snapshot of `count` nodes that are Ready, made on the first call.
 *
 * It holds what belongs together: keys and certificates, etcd's data, and for each node its disk and its memory at the same moment. A lab goes on from there, so
 * it need not wait for a boot.
 */
export const ensureReady = async (count: number): Promise<{ readonly image: string; readonly ready: string }> => {
  const kubernetes = await must(path.join(assets(), 'kube-apiserver'), ['--version']);
  const sources = await Promise.all(recipe.map((file) => readFile(path.join(import.meta.dirname, file), 'utf8')));
  const parts = [...sources, await imageName(), await hashOfFolder(chart), await qemuVersion(), kubernetes, String(count)];
  const image = await ensureImage();
  const ready = await cached(`ready-${count}-${hashOf(parts)}`, (folder) =>
    timed('made the ready nodes', () => make(folder, image, count)),
  );
  return { image, ready };
};
