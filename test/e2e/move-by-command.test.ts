import { describe, expect, it } from 'vitest';
import { type Sim, startSim } from '../../src/sim/index.ts';
import { linesOf, operator } from './drover.ts';
import { migrate } from './fleet.ts';

const OLD = 'VLAN 11';
const NEW = `VLAN 12 "services", it's $(new)`;
const GOVC = ['govc', 'vm.network.change', '-vm', '{vm}', '-net', '{network}', 'ethernet-0'];

/** Nodes on a network of their own, which vCenter calls by names that a shell would not leave alone. */
const apart = (nodes: number): Promise<Sim> =>
  startSim({ nodes, speed: 60, networkNames: [OLD, NEW], ...(process.env['PATH'] !== undefined && { path: process.env['PATH'] }) });

const byCommand = (sim: Sim, { words = GOVC, to = NEW, from = OLD, deadman = '40s' } = {}): string[] => [
  ...migrate(sim).map((word) => (word === 'move=none' ? 'move=command' : word)),
  // the guard's time is that of the machine's uptime, which is not simulated faster: a tenth of this is how long it waits for the old gateway
  ...[`deadman=${deadman}`, `moveCommand=${JSON.stringify(words)}`, `newNetwork=${to}`, `oldNetwork=${from}`].flatMap((set) => [
    '--set',
    set,
  ]),
];

describe('a move by govc', () => {
  it('moves the machine, which restarts itself, is confirmed, and is moved back by a rollback', async () => {
    await using sim = await apart(1);
    await using anna = operator(sim);
    const words = byCommand(sim);
    const plan = await anna.drover(['plan', ...words.slice(1).filter((word) => word !== '--yes' && word !== '--json')]);
    expect(plan.stdout.replace(/\s+/g, ' ')).toContain(
      `do govc vm.network.change -vm runner-1 -net 'VLAN 12 "services", it'\\''s $(new)' ethernet-0`,
    );
    const ran = await anna.drover(words);
    expect({ exitCode: ran.exitCode, stderr: ran.stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(sim.vcenter.network('runner-1')).toBe(NEW);
    expect(sim.node('runner-1')).toMatchObject({ bootCount: 2, addresses: ['127.77.1.11'], cordoned: false, ready: true });
    const told = linesOf(ran).map(({ type, step }) => `${type} ${step ?? ''}`.trim());
    expect(told.filter((line) => line.startsWith('step.asked'))).toEqual([]);
    expect(told.indexOf('guard.armed reboot')).toBeLessThan(told.indexOf('step.applied reboot'));
    expect(told.filter((line) => line === 'guard.confirmed reboot')).toHaveLength(1);

    const back = await anna.drover(['rollback', linesOf(ran)[0]?.run ?? '', '--yes', '--json']);
    expect(back.exitCode).toBe(3);
    expect(sim.vcenter.network('runner-1')).toBe(OLD);
    expect(sim.node('runner-1')).toMatchObject({ bootCount: 3, addresses: ['127.77.0.11'], cordoned: false, ready: true });
  }, 120_000);

  it('says what govc said when that fails, and leaves the node where it is', async () => {
    await using sim = await apart(1);
    await using anna = operator(sim);
    const ran = await anna.drover(byCommand(sim, { to: 'VLAN 13' }));
    expect(ran.exitCode).toBe(1);
    const failed = linesOf(ran).find(({ type }) => type === 'step.failed');
    expect(failed).toMatchObject({ step: 'reboot', error: { detail: { stderr: "govc: network 'VLAN 13' not found\n" } } });
    expect(sim.vcenter.network('runner-1')).toBe(OLD);
    expect(sim.node('runner-1')).toMatchObject({ bootCount: 1, addresses: ['127.77.0.11'] });
    const logs = await anna.drover(['logs', linesOf(ran)[0]?.run ?? '', 'runner-1']);
    expect(logs.stdout).toContain("reboot | govc: network 'VLAN 13' not found");
  }, 60_000);

  it.each([
    ['a placeholder that nobody knows', { words: ['govc', '{host}'] }, /moveCommand has the placeholder \{host\}, which nobody knows/],
    ['no guard', { deadman: 'off' }, /parameter deadman: cannot be off with move=command: the command only moves the VM/],
    ['no command', { words: [] }, /parameter moveCommand: is missing: move=command needs to know what moves a VM/],
  ])(
    'is refused with %s, before anything is touched',
    async (_what, how, says) => {
      await using sim = await apart(1);
      await using anna = operator(sim);
      const refused = await anna.drover(byCommand(sim, how));
      expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(says) });
      expect(sim.node('runner-1').commands).toEqual([]);
    },
    30_000,
  );
});
