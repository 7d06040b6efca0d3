import { describe, expect, test } from 'vitest';
import migrate from '../../runbooks/migrate-runner-node.ts';
import { runbooks } from '../../runbooks/index.ts';
import { layOut } from '../../src/core/plan.ts';
import type { StepContext } from '../../src/core/step.ts';

const node = { name: 'runner-1', addresses: ['10.77.0.11'], labels: {}, vars: {} };
const vars = migrate.vars.parse({ newAddress: '10.77.1.11/23' });
const planOf = (given: object) => layOut(migrate.steps({ params: migrate.params.parse({ gateway: '10.77.1.1', ...given }), vars, node }));

describe('migrate-runner-node', () => {
  test('is listed in the registry', () => {
    expect(runbooks.map(({ name }) => name)).toContain('migrate-runner-node');
  });

  test('lays out as preflight, cordon, changes, reboot, proofs, Ready, uncordon', () => {
    expect(planOf({}).items.map(({ step, role }) => `${role} ${step.id}`)).toStrictEqual([
      'plain preflight:disk-space',
      'plain preflight:virtual-machine',
      'plain preflight:modules-exist',
      'plain preflight:not-blacklisted',
      'plain preflight:iptables-backend',
      'plain preflight:network-manager:ens192',
      'plain preflight:address-free:10.77.1.11',
      'plain preflight:cordon',
      'plain guard',
      'open cordon',
      'open service:kubelet:stopped',
      'inner packages:open-vm-tools',
      'inner service:vmtoolsd:running',
      'inner kernel-modules:/etc/modules-load.d/iptable_nat.conf',
      'inner address:ens192',
      'inner reboot',
      'inner kernel-modules:/etc/modules-load.d/iptable_nat.conf:loaded',
      'inner address:ens192:live',
      'close service:kubelet:running',
      'close node-ready',
      'close uncordon',
    ]);
  });

  test('asks the person for the way there, and on the way back for the way back', () => {
    const ask = (direction: StepContext['direction']): unknown => {
      const step = planOf({ move: 'person' }).items.find(({ step: { id } }) => id === 'reboot')?.step;
      if (step?.kind !== 'activation') throw new Error('there is no reboot');
      return step.apply({ bootId: 'b', proofs: {} }, { runId: 'r', direction, node, answers: {}, awaiting: [] });
    };
    expect(ask('forward')).toMatchObject([{ via: 'person', instructions: expect.stringContaining('move the VM of runner-1 to') }]);
    expect(ask('back')).toMatchObject([{ via: 'person', instructions: expect.stringContaining('move the VM of runner-1 back') }]);
  });

  test('reboots by itself when nobody has to move the VM', () => {
    const step = planOf({ move: 'none' }).items.find(({ step: { id } }) => id === 'reboot')?.step;
    if (step?.kind !== 'activation') throw new Error('there is no reboot');
    expect(step.apply({ bootId: 'b', proofs: {} }, { runId: 'r', direction: 'forward', node, answers: {}, awaiting: [] })).toMatchObject([
      { via: 'ssh', text: 'systemctl reboot' },
    ]);
  });

  test('asks whom the params name', () => {
    const step = planOf({ move: 'person', movers: 'the vCenter team' }).items.find(({ step: { id } }) => id === 'reboot')?.step;
    if (step?.kind !== 'activation') throw new Error('there is no reboot');
    const ctx = { runId: 'r', direction: 'forward', node, answers: {}, awaiting: [] } as const;
    expect(step.apply({ bootId: 'b', proofs: {} }, ctx)).toMatchObject([{ via: 'person', to: 'the vCenter team' }]);
  });

  const moveCommand = ['govc', 'vm.network.change', '-vm', '{vm}', '-net', '{network}', 'ethernet-0'];
  const byCommand = { move: 'command', moveCommand, newNetwork: 'VLAN 12 "new"', oldNetwork: 'VLAN 11' };

  test.each([
    ['there', 'forward', {}, ['govc', 'vm.network.change', '-vm', 'runner-1', '-net', 'VLAN 12 "new"', 'ethernet-0']],
    ['back', 'back', {}, ['govc', 'vm.network.change', '-vm', 'runner-1', '-net', 'VLAN 11', 'ethernet-0']],
    [
      'by its own values',
      'forward',
      { vm: 'ci/runner 1', newNetwork: 'X' },
      ['govc', 'vm.network.change', '-vm', 'ci/runner 1', '-net', 'X', 'ethernet-0'],
    ],
  ] as const)('moves a node by the command: %s', (_what, direction, own, argv) => {
    const params = migrate.params.parse({ gateway: '10.77.1.1', ...byCommand });
    const plan = layOut(migrate.steps({ params, vars: migrate.vars.parse({ ...vars, ...own }), node }));
    const step = plan.items.find(({ step: { id } }) => id === 'reboot')?.step;
    if (step?.kind !== 'activation') throw new Error('there is no reboot');
    const awaiting = [{ step: 'address:ens192', appliedOn: 'b', moves: true }];
    expect(step.apply({ bootId: 'b', proofs: {} }, { runId: 'r', direction, node, answers: {}, awaiting })).toMatchObject([
      { via: 'control', argv },
    ]);
    expect(step.deadman).toBe('10m');
  });

  test.each([
    [
      'a placeholder that nobody knows',
      { moveCommand: ['govc', '{host}'] },
      /moveCommand has the placeholder \{host\}, which nobody knows; there are \{node\} \{vm\} \{address\} \{network\}/,
    ],
    ['no network to go to', { newNetwork: undefined }, /moveCommand has the placeholder \{network\}, and there is no network to put there/],
    [
      'no network to go back to',
      { oldNetwork: undefined },
      /moveCommand, on the way back, has the placeholder \{network\}, and there is no network/,
    ],
    ['no command', { moveCommand: [] }, /move=command needs to know what moves a VM/],
    ['no guard', { deadman: 'off' }, /the command only moves the VM, and the guard on the node restarts it then/],
  ])('does not begin a move by a command with %s', (_what, params, why) => {
    expect(() => planOf({ ...byCommand, ...params })).toThrow(why);
  });

  test('redeploys the runner once a run', () => {
    const params = migrate.params.parse({ gateway: '10.77.1.1' });
    expect(migrate.afterRun?.(params).map(({ id }) => id)).toStrictEqual(['helm:gitlab-runner/gitlab-runner']);
  });

  test.each([
    ['no gateway', {}],
    ['a gateway that is no address', { gateway: '10.77.1' }],
    ['a mover that nobody knows', { gateway: '10.77.1.1', move: 'vcenter' }],
    ['no modules', { gateway: '10.77.1.1', modules: [] }],
  ])('refuses %s', (_what, params) => {
    expect(() => migrate.params.parse(params)).toThrow();
  });

  test('refuses a new address without its prefix', () => {
    expect(() => migrate.vars.parse({ newAddress: '10.77.1.11' })).toThrow();
  });
});
