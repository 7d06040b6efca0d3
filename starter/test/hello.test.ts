import { rehearse } from 'drover/sim';
import { expect, test } from 'vitest';
import hello from '../runbooks/hello.ts';

test('loads the modules on both nodes, and a second run touches nothing', async () => {
  await using rehearsal = await rehearse(hello, { nodes: 2, params: { greeting: 'mind the step' } });
  expect(await rehearsal.run()).toMatchObject({ outcome: 'succeeded' });
  const node = rehearsal.node('runner-2');
  expect(node.loadedModules).toContain('iptable_nat');
  expect(node.file('/etc/motd.d/drover')?.content).toBe('runner-2: mind the step\n');
  expect([node.bootCount, node.ready, node.cordoned]).toEqual([2, true, false]);

  expect(await rehearsal.run()).toMatchObject({ outcome: 'succeeded', acted: [] });
  expect(rehearsal.node('runner-2').bootCount).toBe(2);
});

test('a rollback puts back what was there, on a boot that proves it', async () => {
  await using rehearsal = await rehearse(hello);
  await rehearsal.run();
  expect(await rehearsal.rollback()).toMatchObject({ outcome: 'rolled-back' });
  const node = rehearsal.node();
  expect(node.loadedModules).not.toContain('iptable_nat');
  expect([node.file('/etc/motd.d/drover'), node.file('/etc/modules-load.d/hello.conf'), node.cordoned]).toEqual([
    undefined,
    undefined,
    false,
  ]);
});

test('a node that boots without the module stays cordoned, the others are not touched, and a replay ends it well', async () => {
  await using rehearsal = await rehearse(hello, { nodes: 2, faults: { 'runner-1': { modulesNotLoadedOnce: ['iptable_nat'] } } });
  const { outcome, nodes, told } = await rehearsal.run();
  expect([outcome, nodes]).toEqual(['halted', { 'runner-1': 'failed', 'runner-2': null }]);
  expect(told.join('\n')).toContain('iptable_nat is neither loaded nor built in');
  expect([rehearsal.node('runner-1').cordoned, rehearsal.node('runner-2').bootCount]).toEqual([true, 1]);

  expect(await rehearsal.replay()).toMatchObject({ outcome: 'succeeded' });
  expect(rehearsal.node('runner-1').cordoned).toBe(false);
});
