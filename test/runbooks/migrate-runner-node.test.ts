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
