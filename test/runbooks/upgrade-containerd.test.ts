import { describe, expect, test } from 'vitest';
import { layOut } from '../../src/core/plan.ts';
import { type ContainerdWorld, containerdWorld } from './containerd-world.ts';
import { AFFECTED, incident, stepsOf } from './containerd-incident.ts';

const succeeded = { kind: 'finished', outcome: 'succeeded' };
const failed = { kind: 'finished', outcome: 'failed' };
const DAY = 24;
const restarted = (world: ContainerdWorld): readonly string[] => world.pods().flatMap(({ name, restarts }) => (restarts > 0 ? [name] : []));
const begun = async (world: ContainerdWorld): Promise<readonly string[]> =>
  (await world.told()).filter((line) => line.startsWith('step.started')).map((line) => line.replace('step.started ', ''));
const unmetOf = async (world: ContainerdWorld): Promise<readonly string[]> =>
  (await world.events()).flatMap((event) => (event.type === 'step.failed' ? event.unmet : []));
const instructions = async (world: ContainerdWorld): Promise<readonly string[]> =>
  (await world.events()).flatMap((event) => (event.type === 'step.asked' ? [event.instructions] : []));

describe('the incident, by hand', () => {
  test.each(['el8', 'debian12'] as const)(
    'kills exactly the pods of the bad version, all at once, at the next start of the kubelet (%s)',
    async (distro) => {
      const world = incident({ distro });
      await world.type(distro === 'el8' ? 'dnf -y install containerd.io-1.6.18' : 'apt-get -y install containerd.io=1.6.18-1');
      await world.pass(3600);
      expect(await world.type('ctr version')).toContain('Server:\n  Version:  1.6.18');
      expect(restarted(world)).toEqual([]);
      await world.type('systemctl restart kubelet');
      await world.pass(5);
      expect(world.pods().flatMap(({ name, ready }) => (ready ? [] : [name]))).toEqual(AFFECTED);
      await world.pass(60);
      expect(restarted(world)).toEqual(AFFECTED);
      // they were made anew by the good version: it does not happen again
      await world.type('systemctl restart containerd kubelet');
      await world.pass(60);
      expect(world.pods().map(({ restarts }) => restarts)).not.toContain(2);
    },
  );
});

describe('upgrade-containerd', () => {
  test('lays out as preflight, an approval, cordon, leaving pods, package, restart, proof, staying pods, kubelet, Ready, uncordon', () => {
    expect(
      layOut(stepsOf({ certificates: [{ endpoint: '10.0.0.1:6443', ca: '/etc/ca.crt' }] })).items.map(
        ({ step, role }) => `${role} ${step.id}`,
      ),
    ).toStrictEqual([
      'plain preflight:disk-space',
      'plain preflight:containerd',
      'plain preflight:package-version:containerd.io',
      'plain preflight:pods-restartable',
      'plain preflight:cordon',
      'plain certificate.trusted:10.0.0.1:6443',
      'plain approval:restart-pods',
      'open cordon',
      'inner pods-restarted:leaving',
      'inner package:containerd.io',
      'inner restart:containerd',
      'inner containerd:runs',
      'inner pods-restarted:staying',
      'inner restart:kubelet',
      'close node-ready',
      'close certificate.trusted:10.0.0.1:6443:after',
      'close uncordon',
    ]);
  });

  test.each(['el8', 'debian12'] as const)(
    'restarts the affected pods one at a time before the kubelet, and no other (%s)',
    async (distro) => {
      const world = incident({ distro });
      const before = new Map(world.pods().map(({ name, uid }) => [name, uid]));
      const waits = await world.work(stepsOf());
      expect(waits).toMatchObject({ kind: 'waiting' });
      expect(await instructions(world)).toEqual([
        'these 4 pods were made by a bad containerd, and the next start of the kubelet kills them all at once: shop/agent-1, shop/db-0, shop/web-1, shop/web-2. drover evicts one at a time, each when the one before is Ready again. yes: begin; no: the step fails, and nothing is touched',
      ]);
      expect(await begun(world)).toEqual(['approval:restart-pods']);
      await world.answer('approval:restart-pods', 'yes');
      expect(await world.work(stepsOf())).toEqual(succeeded);
      // nobody but whoever was restarted was down, one at a time; the one that comes and the one that goes are the same
      expect(world.mostDown()).toBe(1);
      expect(restarted(world)).toEqual([]);
      const after = world.pods();
      expect(after.filter(({ uid }) => ![...before.values()].includes(uid))).toHaveLength(AFFECTED.length);
      expect(after.find(({ name }) => name === 'old-1')).toMatchObject({ node: 'n1', uid: before.get('old-1') });
      expect(after.find(({ name }) => name === 'proxy-1')).toMatchObject({ node: 'n1', uid: before.get('proxy-1') });
      expect(after.find(({ name }) => name.startsWith('agent'))).toMatchObject({ node: 'n1', ready: true });
      expect(after.find(({ name }) => name === 'db-0')).toMatchObject({ node: 'n2', ready: true });
      expect(await world.type('ctr version')).toContain('Server:\n  Version:  1.6.18');
      await world.type('systemctl restart kubelet');
      await world.pass(60);
      expect(restarted(world)).toEqual([]);
    },
  );

  test('touches nothing at a second run', async () => {
    const world = incident();
    expect(await world.work(stepsOf({ approve: 'no' }))).toEqual(succeeded);
    world.again();
    const commands = world.machine.commands.length;
    expect(await world.work(stepsOf())).toEqual(succeeded);
    expect(await begun(world)).toEqual([]);
    expect(world.machine.commands).toHaveLength(commands);
  });

  test('leaves a node alone on which a good version has always run, also where its kubelet runs for longer', async () => {
    const world = containerdWorld({ past: [{ version: '1.6.18', hoursAgo: 30 * DAY }] });
    world.pod({ name: 'web-1', owner: 'ReplicaSet/web', hoursAgo: 10 * DAY });
    expect(await world.work(stepsOf())).toEqual(succeeded);
    expect(await begun(world)).toEqual([]);
  });

  test('heals a node that was upgraded by hand and whose kubelet still runs', async () => {
    const world = incident();
    await world.type('dnf -y install containerd.io-1.6.18');
    expect(await world.work(stepsOf({ approve: 'no' }))).toEqual(succeeded);
    expect(await begun(world)).toEqual(['cordon', 'pods-restarted:leaving', 'pods-restarted:staying', 'restart:kubelet', 'uncordon']);
    expect(restarted(world)).toEqual([]);
  });

  test('restarts containerd itself where the scriptlets of the package may not', async () => {
    const world = incident({ distro: 'debian12', files: { '/usr/sbin/policy-rc.d': '#!/bin/sh\nexit 101\n' } });
    expect(await world.work(stepsOf({ approve: 'no' }))).toEqual(succeeded);
    expect(await begun(world)).toContain('restart:containerd');
    expect(restarted(world)).toEqual([]);
  });

  test('asks before each pod where it is told to, and stops at a no', async () => {
    const world = incident();
    await world.work(stepsOf({ approve: 'each' }));
    await world.answer('pods-restarted:leaving', 'shop/db-0');
    await world.work(stepsOf({ approve: 'each' }));
    expect((await instructions(world)).map((text) => /^restart (\S+), which/.exec(text)?.[1])).toEqual(['shop/db-0', 'shop/web-1']);
    await world.answer('pods-restarted:leaving', 'no');
    expect(await world.work(stepsOf({ approve: 'each' }))).toEqual(failed);
    expect(
      world
        .pods()
        .filter(({ node: on }) => on === 'n1')
        .map(({ name }) => name),
    ).toEqual(['agent-1', 'old-1', 'proxy-1', 'web-1', 'web-2']);
    expect(await unmetOf(world)).toContain('a person said no');
  });

  test('gives a person their time between two pods, however long the one before has kept it', async () => {
    const world = incident();
    await world.work(stepsOf({ approve: 'each' }));
    await world.answer('pods-restarted:leaving', 'shop/db-0');
    await world.work(stepsOf({ approve: 'each' }));
    expect((await world.events()).some(({ type }) => type === 'step.blocked')).toBe(true);
    await world.pass(2 * 3600);
    await world.work(stepsOf({ approve: 'each' }));
    await world.answer('pods-restarted:leaving', 'all');
    await world.work(stepsOf({ approve: 'each' }));
    await world.answer('pods-restarted:staying', 'shop/agent-1');
    expect(await world.work(stepsOf({ approve: 'each' }))).toEqual(succeeded);
  });

  test('touches nothing when a person says no', async () => {
    const world = incident();
    await world.work(stepsOf());
    await world.answer('approval:restart-pods', 'no');
    expect(await world.work(stepsOf())).toEqual(failed);
    expect(await begun(world)).toEqual(['approval:restart-pods']);
    expect(world.machine.commands).toEqual([]);
    await world.replay();
    expect(await world.work(stepsOf())).toMatchObject({ kind: 'waiting' });
  });

  test('waits for a PodDisruptionBudget, and gives up on it in time, by name', async () => {
    const world = incident();
    world.budget('all', 'db', 1);
    expect(await world.work(stepsOf({ approve: 'no', readyWithin: '10m' }))).toEqual(failed);
    expect(await unmetOf(world)).toEqual([
      expect.stringContaining('there is nothing that drover can do about it'),
      'it did not go on within 10m',
      'shop/db-0 was made while 1.6.14 ran',
      'shop/web-1 was made while 1.6.14 ran',
      'shop/web-2 was made while 1.6.14 ran',
    ]);
    expect((await world.events()).find(({ type }) => type === 'step.blocked')).toMatchObject({
      by: [{ pod: 'shop/db-0', by: 'PodDisruptionBudget shop/all' }],
    });
  });

  test('does not go on to the next pod while the replacement is not Ready, and says for whom it waits', async () => {
    const world = incident();
    world.pod({ name: 'db-1', node: 'n2', owner: 'StatefulSet/db', ready: false });
    expect(await world.work(stepsOf({ approve: 'no', readyWithin: '5m' }))).toEqual(failed);
    expect(await unmetOf(world)).toContain('StatefulSet shop/db has 1 of 2 pods Ready');
    expect(world.pods().find(({ name }) => name === 'web-1')).toBeDefined();
  });

  test('asks a person for pods that nobody would make anew, and leaves them to the kubelet only when that is said', async () => {
    const world = incident();
    world.pod({ name: 'bare', hoursAgo: 2 });
    world.pod({ name: 'etcd-n1', hoursAgo: 2, annotations: { 'kubernetes.io/config.mirror': 'abc' } });
    await world.work(stepsOf({ approve: 'no' }));
    expect(await instructions(world)).toEqual([
      'shop/bare was made while 1.6.14 ran, and a person has to restart it: it has no controller, so nobody would make it anew. Do so, or say leave: the kubelet kills it when it restarts',
    ]);
    await world.answer('pods-restarted:leaving', 'leave');
    await world.work(stepsOf({ approve: 'no' }));
    expect((await instructions(world)).at(-1)).toContain(
      'move that out of /etc/kubernetes/manifests, wait until the pod is gone, and move it back',
    );
    await world.answer('pods-restarted:staying', 'leave');
    expect(await world.work(stepsOf({ approve: 'no' }))).toEqual(succeeded);
    expect(restarted(world)).toEqual(['bare', 'etcd-n1']);
    // killed and made anew by the good version: nothing is left to be done about them
    world.again();
    expect(await world.work(stepsOf())).toEqual(succeeded);
    expect(await begun(world)).toEqual([]);
  });

  test('goes back to the version that was there, as it ran, and uncordons', async () => {
    const world = incident();
    expect(await world.work(stepsOf({ approve: 'no' }))).toEqual(succeeded);
    await world.rollBack();
    expect(await world.work(stepsOf({ approve: 'no' }))).toEqual({ kind: 'finished', outcome: 'rolled-back' });
    expect(await world.type('ctr version; rpm -q containerd.io')).toMatch(
      /Server:\n {2}Version: {2}1\.6\.14\n[^]*containerd\.io-1\.6\.14-3\.1\.el8\.x86_64/,
    );
    expect((await world.told()).filter((line) => line.startsWith('step.verified undo.'))).toEqual(
      expect.arrayContaining([
        'step.verified undo.package:containerd.io',
        'step.verified undo.containerd:runs',
        'step.verified undo.cordon',
      ]),
    );
    expect(restarted(world)).toEqual([]);
  });

  test('fails at the first node where more pods die of the kubelet than it knew of, so that no other node follows', async () => {
    const world = incident();
    expect(await world.work(stepsOf({ approve: 'no', bad: ['1.6.9'] }))).toEqual(failed);
    expect((await unmetOf(world)).map((line) => / (\S+) was at|^(\S+) was at/.exec(line)?.[2])).toEqual(
      AFFECTED.map((name) => `shop/${name}`),
    );
  });

  test('goes back by itself where another version runs afterwards than was wished', async () => {
    const world = incident();
    world.machine.faults.containerdRuns = '1.6.14';
    expect(await world.work(stepsOf({ approve: 'no' }), 'rollback')).toEqual({ kind: 'finished', outcome: 'rolled-back' });
    expect(await unmetOf(world)).toContain('containerd 1.6.14 runs, and 1.6.18 is installed');
    expect(await world.type('rpm -q containerd.io')).toBe('containerd.io-1.6.14-3.1.el8.x86_64\n');
    expect(await begun(world)).not.toContain('restart:kubelet');
    expect(restarted(world)).toEqual([]);
  });
});
