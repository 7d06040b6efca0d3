import { rehearse } from 'drover/sim';
import { expect, test } from 'vitest';
import nightly from './nightly.ts';

const people = { 'approval:start': 'yes' };

test('enables the unit, on a boot that shows it, and loads the module', async () => {
  await using rehearsal = await rehearse(nightly, { nodes: 2, people, params: { module: 'ip_vs' } });
  for (const name of ['runner-1', 'runner-2']) await rehearsal.typed(name, 'systemctl disable kubelet');
  expect(await rehearsal.run()).toMatchObject({ outcome: 'succeeded' });
  const node = rehearsal.node('runner-2');
  expect([node.unit('kubelet')?.enabled, node.bootCount, node.cordoned]).toEqual(['enabled', 2, false]);
});

test('goes back by itself when the module is not to be had, and waits where nobody approves', async () => {
  await using rehearsal = await rehearse(nightly, { people, params: { module: 'ip_vss' } });
  const { outcome, told } = await rehearsal.run();
  expect([outcome, rehearsal.node().bootCount]).toEqual(['rolled-back', 1]);
  expect(told.join('\n')).toContain('ip_vss is not loaded');

  await using nobody = await rehearse(nightly);
  expect(await nobody.run()).toMatchObject({ outcome: 'waiting', acted: ['runner-1 approval:start'] });
});
