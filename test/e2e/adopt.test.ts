import { describe, expect, it } from 'vitest';
import { onNode, patchNode } from './by-hand.ts';
import { linesOf, operator } from './drover.ts';
import { fleet, migrate, settings } from './fleet.ts';

const adopt = (sim: Parameters<typeof settings>[0], ...more: readonly string[]): string[] => [
  'adopt',
  'migrate-runner-node',
  'runner-1',
  ...settings(sim),
  ...more,
];
const byHand = {
  kubelet: 'systemctl stop kubelet',
  modules: 'printf "iptable_nat\\niptable_filter\\n" > /etc/modules-load.d/iptable_nat.conf',
  address: 'nmcli connection modify ens192 ipv4.method manual ipv4.addresses 127.77.1.11/24 ipv4.gateway 127.77.1.1',
} as const;

describe('drover adopt', () => {
  it('finishes a node that somebody moved half-way by hand: one reboot, uncordoned at the end', async () => {
    await using sim = await fleet(1);
    await using anna = operator(sim);
    await patchNode(sim, 'runner-1', { spec: { unschedulable: true } });
    for (const command of Object.values(byHand)) await onNode(sim, '127.77.0.11', command);

    const asked = await anna.drover(adopt(sim));
    expect(asked).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('nobody is here to confirm') });
    expect(asked.stdout).toMatch(/= stop kubelet .*: met\n/);
    expect(asked.stdout).toMatch(/= give ens192 the address 127\.77\.1\.11\/24 .*: met, so drover cannot take it back/);
    expect(asked.stdout).toMatch(/\+ install open-vm-tools/);
    expect(asked.stdout).toContain('(no guard: its address was configured before, so the node does not know the way back)');
    expect(asked.stdout).toMatch(/\+ cordon\n\s+because is cordoned, not by drover: that is taken over, and it is uncordoned at the end/);
    expect(asked.stdout).toContain('runner-1 is cordoned, not by drover: the run takes that over, and uncordons it at the end');
    expect(sim.node('runner-1')).toMatchObject({ commands: [], bootCount: 1 });

    const ended = await anna.drover(adopt(sim, '--yes', '--json'));
    expect(ended.exitCode).toBe(0);
    expect(linesOf(ended)[0]).toMatchObject({ type: 'run.started', spec: { adopted: true, nodes: [{ takeOver: { run: null } }] } });
    expect(sim.node('runner-1')).toMatchObject({ bootCount: 2, cordoned: false, ready: true, addresses: ['127.77.1.11'] });
    expect(sim.node('runner-1').packages).toContain('open-vm-tools');

    // what was there when it was taken over has no way back, and the cordon is as it was then
    const back = await anna.drover(['rollback', linesOf(ended)[0]?.run ?? '', '--yes']);
    expect(back.stdout).toContain('= give ens192 the address 127.77.1.11/24: was so when the node was taken over, so it stays');
    expect(back.exitCode).toBe(3);
    expect(sim.node('runner-1')).toMatchObject({ cordoned: true, addresses: ['127.77.1.11'] });
    expect(sim.node('runner-1').packages).not.toContain('open-vm-tools');
  }, 120_000);

  it('is what is left for a node whose address was configured before: a plain run with a guard is refused, and says so', async () => {
    await using sim = await fleet(1);
    await using anna = operator(sim);
    await onNode(sim, '127.77.0.11', byHand.address);
    const refused = await anna.drover(migrate(sim));
    expect(refused).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/runner-1: give ens192 the address .* would not know the way back; .*drover adopt/),
    });
    expect(sim.node('runner-1')).toMatchObject({ commands: [], bootCount: 1 });
  }, 60_000);

  it('only uncordons a node that somebody has moved to the end and rebooted, at the address that it moved to', async () => {
    await using sim = await fleet(1);
    await using anna = operator(sim);
    await patchNode(sim, 'runner-1', { spec: { unschedulable: true } });
    const commands = [
      byHand.modules,
      byHand.address,
      'apt-get install -y open-vm-tools || dnf install -y open-vm-tools',
      'systemctl enable --now vmtoolsd',
    ];
    for (const command of commands) await onNode(sim, '127.77.0.11', command);
    sim.vcenter.reset('runner-1');
    await expect.poll(() => sim.node('runner-1').ready && sim.node('runner-1').addresses, { timeout: 20_000 }).toEqual(['127.77.1.11']);

    const ended = await anna.drover(adopt(sim, '--yes', '--json'));
    expect(ended.stderr).toMatch(/runner-1: 1 step to do {2}at 127\.77\.1\.11/);
    expect(ended.exitCode).toBe(0);
    expect(linesOf(ended).flatMap(({ type, step, node }) => (type === 'step.started' && node === 'runner-1' ? [step] : []))).toEqual([
      'uncordon',
    ]);
    expect(sim.node('runner-1')).toMatchObject({ bootCount: 2, cordoned: false });
  }, 60_000);

  it('knows a node that has its new address beside the old one for itself, and not for a machine that has taken it', async () => {
    await using sim = await fleet(1);
    await using anna = operator(sim);
    await onNode(sim, '127.77.0.11', 'nmcli connection modify ens192 +ipv4.addresses 127.77.1.11/24 && nmcli connection up ens192');
    expect(sim.node('runner-1').addresses).toEqual(expect.arrayContaining(['127.77.0.11', '127.77.1.11']));
    const ended = await anna.drover(adopt(sim, '--yes', '--json'));
    expect(ended.exitCode).toBe(0);
    expect(sim.node('runner-1')).toMatchObject({ bootCount: 2, addresses: ['127.77.1.11'], cordoned: false });
  }, 60_000);

  it('takes over what a run left that has ended, and not what belongs to one that has not', async () => {
    await using sim = await fleet(1, { faults: { 'runner-1': { modulesNotLoadedAtBoot: ['iptable_nat'] } } });
    await using anna = operator(sim);
    const failed = await anna.drover(migrate(sim));
    expect(failed.exitCode).toBe(1);
    const first = linesOf(failed)[0]?.run ?? '';
    expect(sim.node('runner-1').cordoned).toBe(true);
    // another run of the same node would be refused, and says what to do
    const again = await anna.drover(migrate(sim));
    expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('what an ended run left, drover adopt takes over') });

    // slow enough for a pause to come in between, however long the command takes to start
    sim.setFaults('runner-1', { slowMs: 400 });
    const replaying = anna.start(['replay', first, '--yes', '--json']);
    await replaying.printed(/"type":"plan.started"/);
    expect((await anna.drover(['pause', first])).exitCode).toBe(0);
    expect((await replaying.ended).exitCode).toBe(4);
    sim.setFaults('runner-1', {});
    const refused = await anna.drover(adopt(sim, '--yes'));
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toMatch(new RegExp(`runner-1 is in run ${first}, started by .*halted.*drover cancel ${first} ends it`));

    expect((await anna.drover(['cancel', first, '--yes'])).exitCode).toBe(0);
    const ended = await anna.drover(adopt(sim, '--yes', '--json'));
    expect(ended.stderr).toContain(
      `runner-1 is cordoned by run ${first}, which has ended (cancelled): the run takes that over, and uncordons it at the end`,
    );
    expect(ended.exitCode).toBe(0);
    expect(sim.node('runner-1')).toMatchObject({ cordoned: false, ready: true, addresses: ['127.77.1.11'] });
    // the first run's guard would have taken the address back one day
    expect(linesOf(ended)).toContainEqual(expect.objectContaining({ type: 'step.verified', step: 'guard' }));
    await onNode(sim, '127.77.1.11', 'test ! -e /var/lib/drover/armed');
  }, 240_000);

  it('keeps the cordon of a person when nothing was said about taking it over: that is what run does', async () => {
    await using sim = await fleet(1);
    await using anna = operator(sim);
    await patchNode(sim, 'runner-1', { spec: { unschedulable: true } });
    expect((await anna.drover(migrate(sim))).exitCode).toBe(0);
    expect(sim.node('runner-1')).toMatchObject({ bootCount: 2, cordoned: true });
  }, 60_000);
});
