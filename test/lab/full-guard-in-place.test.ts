import { beforeAll, expect, test } from 'vitest';
import { eventsIn } from './drover.ts';
import { expectGuardGone, expectReverted, filesOfMove, guardState, guardStory } from './guard.ts';
import { startLab } from './lab.ts';
import { beforeMove, expectMoved, moveNode } from './move-node.ts';
import { buildDrover, expectEnd, runWithinMs } from './runs.ts';

// An address that changes without a restart, on a real machine: its connections break in the middle of the command that changes it.

beforeAll(buildDrover);

test('a node whose address changes in place is confirmed at the new one, without a boot', async () => {
  await using lab = await startLab({ nodes: 1, bridges: 'one' });
  const before = await beforeMove(lab);
  const result = await lab.drover(await moveNode(lab, 'in-place', '45s'), { withinMs: runWithinMs });
  const events = expectEnd(result, 0, 'succeeded');
  expect(events.filter(({ type }) => type.startsWith('guard.')).map(({ type }) => type)).toEqual(guardStory);
  await expectMoved(lab, before, 0);
  await expectGuardGone(lab.node('n1'));
  expect(await guardState(lab.node('n1'), 'reload_ens192')).toMatchObject({ place: 'off', restarted: 'no', reverts: 0, why: 'confirmed' });
});

test('a node whose new address is in no network that it has comes back at the old one, without a boot', async () => {
  await using lab = await startLab({ nodes: 1, bridges: 'two' });
  const before = await beforeMove(lab);
  const files = await filesOfMove(lab.node('n1'));
  const halted = await lab.drover(await moveNode(lab, 'in-place', '45s'), { withinMs: runWithinMs });
  expect(halted.exitCode).toBe(4);
  expect(eventsIn(halted.stdout).find(({ type }) => type === 'guard.reverted')).toMatchObject({ node: 'n1', reverts: 1 });
  await expectReverted(lab, before, files, 0);
});
