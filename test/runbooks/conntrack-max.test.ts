import { describe, expect, test } from 'vitest';
import conntrackMax from '../../runbooks/conntrack-max.ts';
import type { Disruption, Step } from '../../src/core/step.ts';
import { sysctlValue } from '../../src/sim/node/sysctl.ts';
import type { SimNodeOptions } from '../../src/sim/options.ts';
import { type BookWorld, bookWorld } from './book-world.ts';

const SUCCEEDED = { kind: 'finished', outcome: 'succeeded' };
const FILE = '/etc/sysctl.d/99-nf_conntrack.conf';
const MODULES = '/etc/modules-load.d/nf_conntrack.conf';
const SCRIPT = '/etc/sysconfig/modules/nf_conntrack.modules';
const node = { name: 'n1', addresses: ['127.77.0.11'], labels: {}, vars: {} };

const book = (given: object = {}, vars: object = {}): readonly (Step | Disruption)[] =>
  conntrackMax.steps({ params: conntrackMax.params.parse(given), vars: conntrackMax.vars.parse(vars), node });
const value = ({ world }: BookWorld): string | undefined => {
  const machine = world.machines.get('n1');
  return machine && sysctlValue(machine, 'net/netfilter/nf_conntrack_max');
};
const started = async (world: BookWorld): Promise<readonly string[]> =>
  (await world.told()).filter((line) => line.startsWith('step.started'));
/** Field report F6: set where systemd reads it, and never in force after a boot. */
const inConf = { distro: 'el7', files: { '/etc/sysctl.conf': 'net.netfilter.nf_conntrack_max = 2097152\n' } } as const satisfies Omit<
  SimNodeOptions,
  'name'
>;

describe('conntrack-max', () => {
  test.each([
    ['modules-load.d', MODULES],
    ['el7', SCRIPT],
  ] as const)('loads the module early by %s, and the value that sysctl.conf sets holds on the new boot', async (loader, file) => {
    const world = bookWorld(inConf);
    expect(value(world)).toBe('65536');
    expect(await world.run(book({ loader }))).toEqual(SUCCEEDED);
    expect(value(world)).toBe('2097152');
    expect(world.seen()).toMatchObject({ bootCount: 2, cordoned: false, ready: true });
    // another file sets it as wished, so there is no need for one of drover's
    expect([world.seen().file(file)?.mode, world.seen().file(FILE)]).toEqual([loader === 'el7' ? '0755' : '0644', undefined]);
  });

  test('writes both files where nothing was set, touches nothing the second time, and takes all of it back', async () => {
    const world = bookWorld();
    expect(await world.run(book())).toEqual(SUCCEEDED);
    expect(world.seen().file(FILE)).toMatchObject({ content: 'net.netfilter.nf_conntrack_max = 2097152\n' });
    expect([value(world), world.seen().bootCount]).toEqual(['2097152', 2]);
    const order = await started(world);
    expect(order.indexOf(`step.started kernel-modules:${MODULES}`)).toBeLessThan(order.indexOf(`step.started sysctl:${FILE}`));

    expect(await world.run(book(), 'r2')).toEqual(SUCCEEDED);
    expect([(await world.told('r2')).filter((line) => line.startsWith('step.started')), world.seen().bootCount]).toEqual([[], 2]);

    expect(await world.takeBack(book())).toEqual({ kind: 'finished', outcome: 'rolled-back' });
    expect([value(world), world.seen().bootCount]).toEqual(['65536', 3]);
    expect([world.seen().file(FILE), world.seen().file(MODULES)]).toEqual([undefined, undefined]);
    expect(world.seen()).toMatchObject({ cordoned: false, ready: true });
  });

  test('does not prove a value whose module came too late, and says that it did', async () => {
    const world = bookWorld();
    const machine = world.world.machines.get('n1');
    if (machine) machine.faults.modulesNotLoadedAtBoot = ['nf_conntrack'];
    expect(await world.run(book())).toEqual({ kind: 'finished', outcome: 'failed' });
    const failed = (await world.events()).find(({ type }) => type === 'step.failed');
    expect(failed).toMatchObject({
      step: `sysctl:${FILE}:live`,
      unmet: [
        `net.netfilter.nf_conntrack_max is 65536, not at least 2097152, although ${FILE} sets it: nf_conntrack was loaded after systemd-sysctl, or something else changed it since`,
      ],
    });
    expect(world.seen()).toMatchObject({ bootCount: 2, cordoned: true });
  });

  test('reboots once a node on which all is configured and nobody has rebooted', async () => {
    const world = bookWorld();
    const machine = world.world.machines.get('n1');
    machine?.files.entries.set(FILE, {
      kind: 'file',
      content: 'net.netfilter.nf_conntrack_max = 2097152\n',
      mode: 0o644,
      owner: 'root',
      group: 'root',
    });
    machine?.files.entries.set(MODULES, { kind: 'file', content: 'nf_conntrack\n', mode: 0o644, owner: 'root', group: 'root' });
    expect(await world.run(book())).toEqual(SUCCEEDED);
    expect([value(world), world.seen().bootCount]).toEqual(['2097152', 2]);
    expect(await started(world)).not.toContain(`step.started sysctl:${FILE}`);
  });

  test.each([
    [
      'a file that is read later',
      { files: { '/etc/sysctl.d/99-zz.conf': 'net.netfilter.nf_conntrack_max = 131072\n' } },
      {},
      '/etc/sysctl.d/99-zz.conf sets',
    ],
    ['/etc/sysctl.conf', { files: { '/etc/sysctl.conf': 'net/netfilter/nf_conntrack_max=131072\n' } }, {}, '/etc/sysctl.conf (by its link'],
    ['a container', { virtualization: 'lxc' }, {}, 'is a container (lxc)'],
    ['no rhel-loadmodules.service', {}, { loader: 'el7' }, 'there is no rhel-loadmodules.service'],
    ['a blacklist', { files: { '/etc/modprobe.d/x.conf': 'blacklist nf_conntrack\n' } }, {}, 'nf_conntrack must not be loaded'],
  ])('refuses %s before anything is touched', async (_what, options, given, words) => {
    const world = bookWorld(options);
    expect((await world.preview(book(given))).refusals.join('\n')).toContain(words);
    expect(await world.run(book(given))).toEqual({ kind: 'finished', outcome: 'failed' });
    expect(world.seen()).toMatchObject({ commands: [], cordoned: false });
  });

  test('gives a script the x bit without which EL7 passes it over, and takes only that back', async () => {
    const script = '#!/bin/sh\n# by hand\nmodprobe nf_conntrack\n';
    const world = bookWorld({ distro: 'el7', files: { [SCRIPT]: script } });
    expect(await world.run(book({}, { loader: 'el7' }))).toEqual(SUCCEEDED);
    expect(world.seen().file(SCRIPT)).toMatchObject({ mode: '0755', content: script });
    expect(value(world)).toBe('2097152');
    expect(await world.takeBack(book({}, { loader: 'el7' }))).toMatchObject({ outcome: 'rolled-back' });
    expect(world.seen().file(SCRIPT)).toMatchObject({ mode: '0644', content: script });
  });

  test('does not drain where it is told so', () => {
    const ids = (given: object): readonly string[] =>
      book(given).flatMap((part) => (part.kind === 'disruption' ? part.open.map(({ id }) => id) : []));
    expect([ids({}), ids({ drain: 'no' })]).toEqual([['cordon', 'drain'], ['cordon']]);
  });

  test.each([{ max: 100 }, { file: '/etc/sysctl.conf' }, { loader: 'rc.local' }])('refuses the params %j', (given) => {
    expect(() => conntrackMax.params.parse(given)).toThrow();
  });
});
