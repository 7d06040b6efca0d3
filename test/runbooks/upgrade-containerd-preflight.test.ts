import { describe, expect, test } from 'vitest';
import { AFFECTED, incident, stepsOf } from './containerd-incident.ts';
import type { ContainerdWorld } from './containerd-world.ts';

describe('the preflight of upgrade-containerd', () => {
  const refusals = async (world: ContainerdWorld, given: object = {}): Promise<readonly string[]> =>
    (await world.preview(stepsOf(given))).refusals;

  test('refuses nothing on the node of the report, and tells each pod and why', async () => {
    const world = incident();
    const { refusals: none, steps } = await world.preview(stepsOf());
    expect(none).toEqual([]);
    expect(steps.find(({ id }) => id === 'approval:restart-pods')?.forecast).toMatchObject({
      kind: 'acts',
      unmet: AFFECTED.map((name) => `shop/${name} was made while 1.6.14 ran`),
    });
  });

  test('refuses a version that is known to be bad', async () => {
    expect(await refusals(incident(), { version: '1.6.9' })).toEqual([
      'containerd 1.6.9 is known to be bad: the kubelet kills the pods that it makes (containerd issue 7843)',
    ]);
  });

  test('refuses a version that no repository has, and tells which there are', async () => {
    const has = '1.6.8-3.1.el8, 1.6.9-3.1.el8, 1.6.14-3.1.el8, 1.6.18-3.1.el8, 1.6.33-3.1.el8';
    const [first] = await refusals(incident(), { version: '1.6.19' });
    expect(first?.split(': ')[0]).toBe('no repository of the node has containerd.io 1.6.19');
    for (const one of has.split(', ')) expect(first).toContain(one);
  });

  test('refuses where the version that is there is in no repository any more: there would be no way back', async () => {
    const world = incident({ distro: 'debian12' });
    const { offers } = world.machine.packages;
    Object.assign(world.machine.packages, {
      offers: new Map([['containerd.io', (offers.get('containerd.io') ?? []).filter(({ version }) => version !== '1.6.14-1')]]),
    });
    expect(await refusals(world)).toEqual([
      'no repository of the node has containerd.io 1.6.14-1, which is installed: there would be no way back',
    ]);
  });

  test('refuses a package that somebody holds', async () => {
    const world = incident({ distro: 'debian12' });
    await world.type('apt-mark hold containerd.io');
    expect(await refusals(world)).toContain('somebody holds containerd.io at its version (apt-mark unhold containerd.io lets it go)');
  });

  test('refuses pods with two budgets, and pods with local data unless they may lose it', async () => {
    const world = incident();
    world.budget('also', 'web', 1);
    world.pod({ name: 'cache-1', owner: 'ReplicaSet/cache', hoursAgo: 2, emptyDirs: ['tmp'] });
    const twice = (name: string): string =>
      `shop/${name} has more than one PodDisruptionBudget (shop/also, shop/web), and the API evicts no such pod: leave only one that chooses it`;
    const local = 'shop/cache-1 has local data, lost when it is restarted: emptyDir tmp (deleteEmptyDir lets it go)';
    expect(await refusals(world)).toEqual(expect.arrayContaining([local, twice('web-1'), twice('web-2')]));
    expect(await refusals(world, { deleteEmptyDir: true })).not.toContain(local);
  });

  test('refuses where nobody can tell which containerd runs', async () => {
    const world = incident();
    await world.type('systemctl stop containerd');
    expect(await refusals(world)).toContain('containerd does not answer');
  });
});
