import { describe, expect, test } from 'vitest';
import istioModules from '../../runbooks/istio-modules.ts';
import type { Disruption, Step } from '../../src/core/step.ts';
import { listObjects, textAt } from '../../src/sim/cluster/cluster.ts';
import { type BookWorld, bookWorld } from './book-world.ts';

const SUCCEEDED = { kind: 'finished', outcome: 'succeeded' };
const BACK = { kind: 'finished', outcome: 'rolled-back' };
const FILE = '/etc/modules-load.d/istio.conf';
const STEP = `kernel-modules:${FILE}`;
const node = { name: 'n1', addresses: ['127.77.0.11'], labels: {}, vars: {} };

const book = (given: object = {}): readonly (Step | Disruption)[] =>
  istioModules.steps({ params: istioModules.params.parse(given), vars: istioModules.vars.parse({}), node });
const after = (given: object): readonly Step[] => istioModules.afterRun?.(istioModules.params.parse(given)) ?? [];
const listed = (world: BookWorld): readonly string[] => (world.seen().file(FILE)?.content ?? '').split('\n').filter(Boolean);
const started = async (world: BookWorld, run?: string): Promise<readonly string[]> =>
  (await world.told(run)).filter((line) => line.startsWith('step.started') && !line.includes('preflight'));
const setsOf = ({ world }: BookWorld): readonly string[] =>
  listObjects(world.cluster, 'daemonsets').map(([, set]) => textAt(set, 'metadata', 'name'));

describe('istio-modules', () => {
  test('on Oracle Linux 8 for arm64 lists what the kernel loads, nothing that is built in or gone, and proves it on the new boot', async () => {
    const world = bookWorld({ distro: 'ol8', arch: 'arm64' });
    expect(world.seen().kernel).toBe('5.15.0-100.96.32.el8uek.aarch64');
    expect(await world.run(book())).toEqual(SUCCEEDED);
    expect(listed(world)).toEqual(
      expect.arrayContaining(['iptable_nat', 'ip6table_nat', 'xt_owner', 'ip_tables', 'nf_conntrack', 'nf_nat']),
    );
    for (const name of ['bridge', 'x_tables', 'xt_tcpudp', 'nf_conntrack_ipv4', 'nf_nat_redirect'])
      expect(listed(world)).not.toContain(name);
    expect(world.seen()).toMatchObject({ bootCount: 2, cordoned: false, ready: true });
    expect(world.seen().loadedModules).toEqual(expect.arrayContaining([...listed(world)]));
    expect(world.seen().unit('systemd-modules-load')?.active).toBe('active');

    expect(await world.run(book(), 'r2')).toEqual(SUCCEEDED);
    expect([await started(world, 'r2'), world.seen().bootCount]).toEqual([[], 2]);

    expect(await world.takeBack(book())).toEqual(BACK);
    expect([world.seen().file(FILE), world.seen().bootCount, world.seen().cordoned]).toEqual([undefined, 3, false]);
    expect(world.seen().loadedModules).not.toContain('iptable_nat');
  });

  test('on CentOS 7 lists the modules that later kernels have merged by their own names', async () => {
    const world = bookWorld({ distro: 'el7' });
    expect(await world.run(book({ iptables: 'either' }))).toEqual(SUCCEEDED);
    expect(listed(world)).toEqual(expect.arrayContaining(['nf_conntrack_ipv4', 'nf_nat_redirect', 'xt_tcpudp', 'bridge', 'x_tables']));
    expect(listed(world)).not.toContain('nf_conntrack_ipv6');
  });

  test('tells in the plan what becomes of each module that is not simply loaded', async () => {
    const { steps, refusals } = await bookWorld({ distro: 'ol8', arch: 'arm64' }).preview(
      book({ optional: ['bridge', 'nf_nat_ipv4', 'ip_conntrack', 'nosuch'] }),
    );
    expect(refusals).toEqual([]);
    expect(steps.find(({ id }) => id === STEP)?.outlook).toEqual([
      'bridge is built in',
      'nf_nat_ipv4 was merged into nf_nat',
      'nosuch is not there, and left out',
    ]);
  });

  test('refuses a kernel that lacks a required module, before anything is touched', async () => {
    const world = bookWorld({ distro: 'ol8', lacks: ['xt_owner'] });
    expect((await world.preview(book())).refusals.join()).toContain(
      'there is no module xt_owner for kernel 5.15.0-100.96.32.el8uek.x86_64',
    );
    expect(await world.run(book())).toEqual({ kind: 'finished', outcome: 'failed' });
    expect(world.seen()).toMatchObject({ commands: [], cordoned: false, bootCount: 1 });
  });

  test('refuses both backends of iptables with rules, unless nobody asks', async () => {
    const puts = { nf_tables: ['nat -A X -j Y'], legacy: ['nat -A X -j Y'] };
    const world = bookWorld({ distro: 'ol8', iptables: { both: true, puts } });
    expect((await world.preview(book())).refusals.join()).toContain('both backends of iptables hold rules');
    expect((await world.preview(book({ iptables: 'unchecked' }))).refusals).toEqual([]);
  });

  test('fails with the name of an optional module that the kernel has and does not load, and leaves the node cordoned', async () => {
    const world = bookWorld({ distro: 'ol8' });
    const machine = world.world.machines.get('n1');
    if (machine) machine.faults.modulesNotLoadedAtBoot = ['ip6table_raw'];
    expect(await world.run(book())).toEqual({ kind: 'finished', outcome: 'failed' });
    expect((await world.events()).find(({ type }) => type === 'step.failed')).toMatchObject({
      step: `${STEP}:loaded`,
      unmet: ['ip6table_raw is neither loaded nor built in'],
    });
    expect(world.seen()).toMatchObject({ bootCount: 2, cordoned: true });
  });
});

describe('the DaemonSet of istio-modules', () => {
  test('is not there unless it is asked for', () => {
    expect([after({}), after({ daemonSet: 'apply' }).map(({ id }) => id)]).toEqual([
      [],
      ['daemonset:kube-system/drover-istio-modules', 'daemonset:kube-system/drover-istio-modules:ready'],
    ]);
  });

  test('runs on every node, is left as it is the second time, changes with the params, and goes with the run', async () => {
    const world = bookWorld({ distro: 'ol8' }, 'run');
    const wish = { daemonSet: 'apply' };
    expect(await world.run(after(wish))).toEqual(SUCCEEDED);
    expect(setsOf(world)).toContain('drover-istio-modules');
    expect(await world.run(after(wish), 'r2')).toEqual(SUCCEEDED);
    expect((await started(world, 'r2')).filter((line) => !line.endsWith(':ready'))).toEqual([]);

    const other = after({ ...wish, optional: [] });
    expect(await world.run(other, 'r3')).toEqual(SUCCEEDED);
    expect(await started(world, 'r3')).toContain('step.started daemonset:kube-system/drover-istio-modules');
    expect(await world.takeBack(other, 'r3')).toEqual(BACK);
    expect(await world.takeBack(after(wish))).toEqual(BACK);
    expect(setsOf(world)).not.toContain('drover-istio-modules');
  });

  test.each([{ required: ['a; reboot'] }, { optional: ['$(x)'] }, { required: [] }, { namespace: 'Kube' }])(
    'refuses the params %j',
    (given) => {
      expect(() => istioModules.params.parse(given)).toThrow();
    },
  );
});
