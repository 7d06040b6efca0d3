import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { layBook } from './book.ts';
import { eventsIn } from './drover.ts';
import { type Lab, startLab } from './lab.ts';
import { buildDrover, expectEnd, kernelStarted, runWithinMs } from './runs.ts';

// Modules and sysctls on a real kernel: what the field reports did by hand fails as it did there, and holds with drover.

beforeAll(buildDrover);

const KEY = 'net.netfilter.nf_conntrack_max';
const MAX = '262144';

/** Restarts a node, as somebody does who has changed something and trusts it. */
const restart = async (lab: Lab): Promise<void> => {
  const node = lab.node('n1');
  const kernels = await lab.boots('n1');
  await node.read('sync');
  await lab.resetVm('n1');
  await kernelStarted(lab, 'n1', kernels + 1);
  await node.freshlyReady();
};

describe('the size of the connection tracking table', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ nodes: 1, bridges: 'one' });
  });
  afterAll(() => lab.stop());

  test('does not survive a boot where only sysctl.conf has it', async () => {
    await lab.node('n1').read(`echo '${KEY} = ${MAX}' >>/etc/sysctl.conf; modprobe nf_conntrack; sysctl -p`);
    expect(await lab.node('n1').read(`sysctl -n ${KEY}`)).toBe(MAX);
    await restart(lab);
    // whoever needs it loads the module later, and has its default
    expect(await lab.node('n1').read(`modprobe nf_conntrack; sysctl -n ${KEY}`)).not.toBe(MAX);
  });

  test('holds on the next boot with conntrack-max', async () => {
    const before = await lab.node('n1').look();
    const words = ['run', 'conntrack-max', 'n1', '--set', `max=${MAX}`, '--set', 'drain=no', '--yes', '--json'];
    expectEnd(await lab.drover(words, { withinMs: runWithinMs }), 0, 'succeeded');
    const after = await lab.node('n1').look();
    expect(Number(after.boots) - Number(before.boots)).toBe(1);
    expect(await lab.node('n1').read(`sysctl -n ${KEY}`)).toBe(MAX);
    expect(await lab.node('n1').read('cat /etc/modules-load.d/nf_conntrack.conf')).toContain('nf_conntrack');
    const again = expectEnd(await lab.drover(words, { withinMs: runWithinMs }), 0, 'succeeded');
    expect(again.map(({ type }) => type)).not.toContain('step.started');
  });
});

test('modules that stand in /etc/modules alone are not there behind a boot, and with drover they are', async () => {
  await using lab = await startLab({ nodes: 1, bridges: 'one' });
  const node = lab.node('n1');
  // Debian reads it by a link; elsewhere nobody does
  await node.read(
    "rm -f /etc/modules-load.d/modules.conf; printf 'iptable_nat\\niptable_filter\\n' >>/etc/modules; modprobe -a iptable_nat iptable_filter",
  );
  await restart(lab);
  expect(await node.read('lsmod | grep -c iptable; true')).toBe('0');
  await layBook(
    lab,
    'load-modules',
    ['kernelModules', 'reboot'],
    `[kernelModules(['iptable_nat', 'iptable_filter'], { file: '/etc/modules-load.d/iptable_nat.conf' }), reboot({ within: '20m' })]`,
  );
  const plan = await lab.drover(['plan', 'load-modules', 'n1'], { withinMs: 180_000 });
  expect(plan.stdout).toContain('iptable_nat is listed only in /etc/modules, which systemd does not read');
  const ended = await lab.drover(['run', 'load-modules', 'n1', '--yes', '--json'], { withinMs: runWithinMs });
  expectEnd(ended, 0, 'succeeded');
  expect(
    eventsIn(ended.stdout)
      .filter(({ type }) => type === 'step.verified')
      .map(({ step }) => step),
  ).toContain('kernel-modules:/etc/modules-load.d/iptable_nat.conf:loaded');
  expect((await node.look()).modules.split(' ')).toEqual(expect.arrayContaining(['iptable_nat', 'iptable_filter']));
});

test('the modules that Istio needs are loaded where this kernel has them, and those that it has built in or not at all are left out', async () => {
  await using lab = await startLab({ nodes: 1, bridges: 'one' });
  const node = lab.node('n1');
  const words = ['run', 'istio-modules', 'n1', '--set', 'drain=no', '--yes', '--json'];
  expectEnd(await lab.drover(words, { withinMs: runWithinMs }), 0, 'succeeded');
  const listed = (await node.read("grep -v '^#' /etc/modules-load.d/istio.conf")).split('\n');
  expect(listed).toEqual(
    expect.arrayContaining(['br_netfilter', 'iptable_mangle', 'iptable_nat', 'iptable_raw', 'xt_REDIRECT', 'xt_owner']),
  );
  const loaded = (await node.look()).modules.split(' ');
  expect(loaded).toEqual(
    expect.arrayContaining(['br_netfilter', 'iptable_mangle', 'iptable_nat', 'iptable_raw', 'xt_REDIRECT', 'xt_owner']),
  );
  // merged into others long ago, or never there under that name: to list them would make the service fail at each boot
  expect(await node.read(`for name in ${listed.join(' ')}; do modprobe -n -q "$name" || echo "$name"; done`)).toBe('');
  expect(await node.read('systemctl is-failed systemd-modules-load; true')).not.toBe('failed');
});
