import { afterAll, beforeAll, expect, test } from 'vitest';
import { unloadAtBoot } from './faults.ts';
import { chart, release } from './helm.ts';
import { type Lab, startLab } from './lab.ts';
import { expectMigrated, expectUntouched, expectUpgraded, picture } from './picture.ts';

// The ground that the other suites stand on, without drover: the whole change by hand, as the field report's people did it.

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ nodes: 1, bridges: 'two' });
});
afterAll(() => lab.stop());

test('keeps the two subnets apart: a node configured for one does not answer on the other', async () => {
  const node = lab.node('n1');
  await lab.moveVm('n1', 'b');
  await expect(node.ssh('true', 15_000)).rejects.toThrow(/not within/);
  await lab.moveVm('n1', 'a');
  expect((await node.ssh('true', 60_000)).exitCode).toBe(0);
});

test('leaves a node that nobody touches as it is, so that what differs was somebody', async () => {
  expectUntouched(await picture(lab, 'n1'), await picture(lab, 'n1'));
});

test('moves a node to its new address by hand, and sees it fresh at the cluster', async () => {
  const node = lab.node('n1');
  const before = await picture(lab, 'n1');
  expect(before.view).toMatchObject({ address: '10.77.0.11/24', gateway: '10.77.0.1', kubelet: 'active', vmtoolsd: 'inactive', side: 'a' });
  expect(before.view.modules.split(' ')).not.toContain('iptable_nat');
  expect(before.object).toMatchObject({ ready: 'True', internalIp: '10.77.0.11' });

  expect((await lab.kubectl('drain', 'n1', '--ignore-daemonsets', '--timeout=120s')).exitCode).toBe(0);
  await node.read('systemctl stop kubelet');
  await node.read('apt-get install -y open-vm-tools && systemctl enable --now vmtoolsd');
  await node.read("printf 'iptable_nat\\niptable_filter\\n' > /etc/modules-load.d/iptable_nat.conf");
  await node.read('nmcli con mod ens192 ipv4.addresses 10.77.1.11/24 ipv4.gateway 10.77.1.1');
  expect((await node.look()).address, 'the address that lives stays until the boot').toBe('10.77.0.11/24');
  await lab.moveVm('n1', 'b');
  await lab.resetVm('n1');
  await node.freshlyReady();
  expect((await lab.kubectl('uncordon', 'n1')).exitCode).toBe(0);
  const upgrade = ['upgrade', release, chart, '-n', release, '--reset-then-reuse-values', '--wait', '--timeout=3m'];
  expect((await lab.helm(...upgrade, '--set', 'podAnnotations.drover\\.dev/run=hand')).exitCode).toBe(0);

  const after = await picture(lab, 'n1');
  expectMigrated(before, after);
  expectUpgraded(before.release, after.release, 'hand', ['n1']);
});

test('has a module gone after a boot that is listed, exists and is not forbidden', async () => {
  const node = lab.node('n1');
  await unloadAtBoot(node, 'iptable_nat');
  await lab.resetVm('n1', 'power-cycle');
  await node.freshlyReady();
  const modules = (await node.look()).modules.split(' ');
  expect(modules).toContain('iptable_filter');
  expect(modules).not.toContain('iptable_nat');
});
