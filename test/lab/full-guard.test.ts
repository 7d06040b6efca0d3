import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventsIn } from './drover.ts';
import { bootsLater, expectGuardGone, expectReverted, filesOfMove, guardState, guardStory } from './guard.ts';
import { type Lab, startLab } from './lab.ts';
import { beforeMove, expectMoved, moveNode } from './move-node.ts';
import { type Picture, expectBack, expectMigrated, picture } from './picture.ts';
import { buildDrover, expectEnd, migrate, runOf, runWithinMs } from './runs.ts';

// The guard of an address move on a real machine, moved by a person: what is claimed is looked at from outside.

beforeAll(buildDrover);

const words = migrate('run', ['n1'], 'person', '--set', 'deadman=25s', '--yes', '--json');

describe('a node that is moved as it should be', () => {
  let lab: Lab;
  let before: Picture;
  let finished: string;
  beforeAll(async () => {
    lab = await startLab({ nodes: 1, bridges: 'two' });
    before = await picture(lab, 'n1');
  });
  afterAll(() => lab.stop());

  test('is confirmed, with one boot, and nothing is left of its guard', async () => {
    await using running = lab.droverSpawn(words);
    await running.event('a person is asked to move the VM', runWithinMs, ({ type }) => type === 'step.asked');
    const node = lab.node('n1');
    expect(await node.read('systemctl is-enabled drover-deadman.service; systemctl is-active drover-deadman.service')).toBe(
      'enabled\nactive',
    );
    expect(await node.read('cat /var/lib/drover/armed')).toMatch(/^\S+ reboot$/);
    await lab.moveVm('n1', 'b');
    await lab.resetVm('n1');
    const result = await running.ended;
    const events = expectEnd(result, 0, 'succeeded');
    finished = runOf(result);
    expect(events.filter(({ type }) => type.startsWith('guard.')).map(({ type }) => type)).toEqual(guardStory);
    expectMigrated(before, await picture(lab, 'n1'));
    await expectGuardGone(node);
    expect(await guardState(node)).toEqual({ place: 'off', restarted: 'no', reverts: 0, why: 'confirmed' });
  });

  test('goes back by a rollback, guarded the other way round, when the VM is moved back', async () => {
    await using back = lab.droverSpawn(['rollback', finished, '--yes', '--json']);
    await back.event('a person is asked to move it back', runWithinMs, ({ type }) => type === 'step.asked');
    const node = lab.node('n1');
    expect(await guardState(node, 'undo_reboot')).toMatchObject({ place: 'before', reverts: 0 });
    expect(await node.read('cat /var/lib/drover/*/deadman/undo_reboot/move')).toContain(
      ' 10.77.1.11/24 10.77.1.1 10.77.0.11/24 10.77.0.1 ',
    );
    await lab.moveVm('n1', 'a');
    await lab.resetVm('n1');
    const events = expectEnd(await back.ended, 3, 'rolled-back');
    expect(events.filter(({ type }) => type.startsWith('guard.')).map(({ type }) => type)).toEqual(guardStory);
    expectBack(before, await picture(lab, 'n1'), 2);
    await expectGuardGone(node);
    expect(await guardState(node, 'undo_reboot')).toEqual({ place: 'off', restarted: 'no', reverts: 0, why: 'confirmed' });
  });
});

test('a node that is moved and not restarted restarts itself, once, and is confirmed', async () => {
  await using lab = await startLab({ nodes: 1, bridges: 'two' });
  const before = await beforeMove(lab);
  await using running = lab.droverSpawn(await moveNode(lab, 'person', '25s'));
  await running.event('a person is asked to move the VM', runWithinMs, ({ type }) => type === 'step.asked');
  await lab.moveVm('n1', 'b');
  expectEnd(await running.ended, 0, 'succeeded');
  await expectMoved(lab, before, 1);
  await expectGuardGone(lab.node('n1'));
  expect(await guardState(lab.node('n1'))).toEqual({ place: 'off', restarted: 'yes', reverts: 0, why: 'confirmed' });
});

test('a node that is restarted where it was, because its move was forgotten, comes back at its old address, and finishes once it is moved', async () => {
  await using lab = await startLab({ nodes: 1, bridges: 'two' });
  const before = await picture(lab, 'n1');
  const files = await filesOfMove(lab.node('n1'));
  await using running = lab.droverSpawn(words);
  await running.event('a person is asked to move the VM', runWithinMs, ({ type }) => type === 'step.asked');
  await lab.node('n1').read('sync');
  await lab.resetVm('n1');
  const halted = await running.ended;
  expect(halted.exitCode).toBe(4);
  const events = eventsIn(halted.stdout);
  expect(events.at(-1)).toMatchObject({ type: 'run.halted' });
  expect(events.find(({ type }) => type === 'guard.reverted')).toMatchObject({
    node: 'n1',
    reverts: 1,
    waitsFor: expect.stringMatching(/gone back to its old address.*drover replay/),
  });
  await expectReverted(lab, before, files, 1);
  const run = runOf(halted);
  expect((await lab.drover(['show', run])).stdout).toMatch(/gone back to its old address by itself/);

  await using again = lab.droverSpawn(['replay', run, 'n1', '--yes', '--json']);
  await again.event('a person is asked again', runWithinMs, ({ type }) => type === 'step.asked');
  await lab.moveVm('n1', 'b');
  await lab.resetVm('n1');
  expectEnd(await again.ended, 0, 'succeeded');
  expectMigrated(bootsLater(before, 1), await picture(lab, 'n1'));
  await expectGuardGone(lab.node('n1'));
  expect(await guardState(lab.node('n1'))).toEqual({ place: 'off', restarted: 'no', reverts: 1, why: 'confirmed' });
}, 1_800_000);
