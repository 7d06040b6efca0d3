import { beforeAll, expect, test } from 'vitest';
import { type Spawned, eventsIn } from './drover.ts';
import { expectGuardGone, expectReverted, filesOfMove, guardState } from './guard.ts';
import { type Moment, held, holdAt } from './hold.ts';
import { type Lab, startLab } from './lab.ts';
import { beforeMove, expectMoved, expectTakenBack, moveNode } from './move-node.ts';
import { buildDrover, expectEnd, kernelStarted, runOf, runWithinMs } from './runs.ts';
import { poll } from './wait.ts';

// The power of a real machine is cut at the guard's weak moments: its process is killed, and what it had not synced is lost.

beforeAll(buildDrover);

const bootWithinMs = 400_000;

const powerFailure = async (lab: Lab): Promise<void> => {
  await lab.cutPower('n1');
  await lab.startVm('n1');
};

const isAsked = ({ type }: { readonly type: string }): boolean => type === 'step.asked';

/** The drover that comes to ask the person: the one that runs, or a replay where the node was away for longer than a step may take. */
const whoAsks = async (lab: Lab, running: Spawned): Promise<Spawned> => {
  if (await running.event('a person is asked to move the VM', runWithinMs, isAsked).catch(() => undefined)) return running;
  const failed = await running.ended;
  expectEnd(failed, 1, 'failed');
  const again = lab.droverSpawn(['replay', runOf(failed), 'n1', '--yes', '--json']);
  await again.event('a person is asked to move the VM', runWithinMs, isAsked);
  return again;
};

test('a node whose power is cut while it arms, before it is changed, while it boots and while it is confirmed is moved all the same', async () => {
  const arming: Moment = { program: 'mv', words: '*/var/lib/drover/armed', when: 'before' };
  const changing: Moment = { program: 'nmcli', words: 'connection modify *', when: 'before' };
  const confirming: Moment = { program: 'systemctl', words: 'stop drover-deadman.service', when: 'before' };
  await using lab = await startLab({ nodes: 1, bridges: 'two' });
  const node = lab.node('n1');
  const before = await beforeMove(lab);
  const files = await filesOfMove(node);
  const connection = files.slice(0, files.indexOf('/etc/modules-load.d'));
  for (const moment of [arming, changing, confirming]) await holdAt(node, moment);
  await using running = lab.droverSpawn(await moveNode(lab, 'person', '25s'));

  await held(lab, 'n1', arming, running);
  await powerFailure(lab);
  await node.ssh('true', bootWithinMs);
  await expectReverted(lab, before, files, 1);

  await held(lab, 'n1', changing, running);
  await powerFailure(lab);
  await node.ssh('true', bootWithinMs);
  expect(await filesOfMove(node), 'the connection byte for byte').toContain(connection);

  await using asking = await whoAsks(lab, running);
  await lab.moveVm('n1', 'b');
  await lab.resetVm('n1');
  await kernelStarted(lab, 'n1', before.kernels + 3);
  await powerFailure(lab);

  await held(lab, 'n1', confirming, asking);
  await powerFailure(lab);
  expectEnd(await asking.ended, 0, 'succeeded');
  await expectMoved(lab, before, 5);
  await expectGuardGone(node);
  expect(await guardState(node)).toMatchObject({ place: 'off', reverts: 0, why: 'confirmed' });
}, 1_800_000);

test('a node whose power is cut while its guard puts the old files back has all of them, and can be taken back', async () => {
  const restoring: Moment = { program: 'mv', words: '*/ens192.nmconnection', when: 'after' };
  await using lab = await startLab({ nodes: 1, bridges: 'two' });
  const node = lab.node('n1');
  const before = await beforeMove(lab);
  const files = await filesOfMove(node);
  await holdAt(node, restoring);
  await using running = lab.droverSpawn(await moveNode(lab, 'person', '25s'));
  await running.event('a person is asked to move the VM', runWithinMs, isAsked);
  await node.read('sync');
  await lab.resetVm('n1');
  await held(lab, 'n1', restoring, running);
  await powerFailure(lab);
  const halted = await running.ended;
  expect(halted.exitCode).toBe(4);
  expect(eventsIn(halted.stdout).find(({ type }) => type === 'guard.reverted')).toMatchObject({ node: 'n1', reverts: 1 });
  await poll('the files are as they were', { withinMs: 60_000 }, async () => ((await filesOfMove(node)) === files ? true : undefined));
  await expectReverted(lab, before, files, 2);

  const back = await lab.drover(['rollback', runOf(halted), 'n1', '--yes', '--json'], { withinMs: runWithinMs });
  expectEnd(back, 3, 'rolled-back');
  await expectGuardGone(node);
  await expectTakenBack(lab, before);
});
