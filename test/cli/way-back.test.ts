import { expect, it } from 'vitest';
import { type Action, showAction } from '../../src/core/action.ts';
import { sh } from '../../src/core/command.ts';
import type { Json } from '../../src/core/json.ts';
import { layOut } from '../../src/core/plan.ts';
import { fold } from '../../src/core/reduce.ts';
import { copiesAt } from '../../src/cli/copies-gone.ts';
import { backLines, wayBack } from '../../src/cli/way-back.ts';
import { address } from '../../src/steps/address.ts';
import { reboot } from '../../src/steps/reboot.ts';

it('says that the way back of a moved node is under guard as well', () => {
  const before: Json = {
    manager: 'running',
    profiles: [{ addresses: ['10.77.0.11/24'], device: 'ens192', file: '/etc/x', gateway: '10.77.0.1', method: 'manual', uuid: 'u' }],
  };
  const steps = (deadman?: '10m') =>
    layOut([
      address({ connection: 'ens192', address: '10.77.1.11/24', gateway: '10.77.1.1' }),
      reboot({ within: '5m', ...(deadman && { deadman }) }),
    ]);
  const run = fold(
    steps()
      .items.filter(({ step }) => step.kind !== 'gate')
      .map(({ step }, index) => ({
        type: 'step.started' as const,
        step: step.id,
        attempt: 1,
        before: step.kind === 'change' ? before : null,
        seq: index + 1,
        at: 1,
      })),
  );
  const where = { runId: 'r1', node: { name: 'n1', addresses: [], labels: {}, vars: {} } };
  expect(backLines(wayBack(steps('10m'), run, where))).toContain(
    '  - reboot, for what was restored (under guard: stays where it is unless confirmed within 10m)',
  );
  expect(backLines(wayBack(steps(), run, where))).toContain('  - reboot, for what was restored');
});

it('names the copies on the node only where something is put back from them', () => {
  const back = (action: Action): string => copiesAt('r1', [{ title: 'undo', actions: [showAction(action)] }]);
  expect(back(sh`drover_restore ${'/etc/motd'}`)).toContain('under /var/lib/drover/r1/files');
  expect(back(sh`systemctl start kubelet`)).toBe('');
});
