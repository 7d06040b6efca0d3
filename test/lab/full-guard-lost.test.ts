import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { eventsIn } from './drover.ts';
import { expectGuardGone, expectReverted, filesOfMove, guardState } from './guard.ts';
import { type Lab, startLab } from './lab.ts';
import { say } from './log.ts';
import { block, processesIn } from './network.ts';
import { beforeMove, expectMoved, expectTakenBack, moveNode } from './move-node.ts';
import { buildDrover, expectEnd, kernelStarted, runOf, runWithinMs } from './runs.ts';
import { placeStranger } from './stranger.ts';
import { poll } from './wait.ts';
import { type Wire, tapWire } from './wire.ts';

// Where drover loses sight of a node whose guard is armed: it, its Redis, the way to the node, or the node's network is gone, or another machine answers.

beforeAll(buildDrover);

test('a node that has a network at its new address, but cannot be reached there, comes back at the old one, and can be taken back', async () => {
  await using lab = await startLab({ nodes: 1, bridges: 'one' });
  const before = await beforeMove(lab);
  const node = lab.node('n1');
  const files = await filesOfMove(node);
  await block(lab.place.netns, '10.77.1.11', 'one');
  const halted = await lab.drover(await moveNode(lab, 'none', '25s'), { withinMs: runWithinMs });
  expect(halted.exitCode).toBe(4);
  expect(eventsIn(halted.stdout).find(({ type }) => type === 'guard.reverted')).toMatchObject({
    node: 'n1',
    reverts: 1,
    why: 'not confirmed for long: offers the old address for a while',
    waitsFor: expect.stringMatching(/gone back to its old address.*drover replay.*drover rollback/),
  });
  await expectReverted(lab, before, files, 1);
  const back = await lab.drover(['rollback', runOf(halted), 'n1', '--yes', '--json'], { withinMs: runWithinMs });
  expectEnd(back, 3, 'rolled-back');
  await expectGuardGone(node);
  await expectTakenBack(lab, before);
});

/** Ends every drover and every Redis of the lab at once, as the end of the computer that they run on would. */
const killDrover = async ({ place }: Lab): Promise<void> => {
  const all = await processesIn(place.netns);
  for (const pid of all) {
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (!command.some((word) => word.endsWith('redis-server') || word.startsWith('redis-server') || word.endsWith('cli/main.js'))) continue;
    say(`kill -9 ${pid} (${command.slice(0, 3).join(' ')})`);
    process.kill(pid, 'SIGKILL');
  }
};

test('a node whose drover and Redis are dead for three deadlines stays at its new address, and is confirmed when they are back', async () => {
  await using lab = await startLab({ nodes: 1, bridges: 'two' });
  const before = await beforeMove(lab);
  const node = lab.node('n1');
  const running = lab.droverSpawn(await moveNode(lab, 'person', '30s'));
  await running.event('a person is asked to move the VM', runWithinMs, ({ type }) => type === 'step.asked');
  await lab.moveVm('n1', 'b');
  await lab.resetVm('n1');
  await kernelStarted(lab, 'n1', before.kernels + 1);
  await killDrover(lab);
  const killed = await running.ended;
  await poll('the guard waits to be confirmed', { withinMs: 300_000 }, async () =>
    (await guardState(node)).place === 'new' ? true : undefined,
  );
  const since = Number((await node.read('cat /proc/uptime')).split('.')[0]);
  await poll('three deadlines are over', { withinMs: 300_000, everyMs: 5000 }, async () => {
    const [up = '', address = ''] = (
      await node.read("cut -d. -f1 /proc/uptime; ip -4 -o address show dev ens192 | awk '{print $4}'")
    ).split('\n');
    expect(address).toBe('10.77.1.11/24');
    return Number(up) - since > 90 ? true : undefined;
  });
  expectEnd(await lab.drover(['resume', runOf(killed), '--json'], { withinMs: runWithinMs }), 0, 'succeeded');
  await expectMoved(lab, before, 1);
  await expectGuardGone(node);
  expect(await guardState(node)).toEqual({ place: 'off', restarted: 'no', reverts: 0, why: 'confirmed' });
});

/** Waits until a node has used its new address, then the old one, then the new one again. */
const alternates = async (wire: Wire): Promise<void> => {
  const from = (await wire.addresses()).length;
  await poll('the node tries one address after the other', { withinMs: 600_000, everyMs: 1000 }, async () => {
    const addresses = (await wire.addresses()).slice(from);
    const old = addresses.indexOf('10.77.0.11', addresses.indexOf('10.77.1.11') + 1);
    if (!addresses.includes('10.77.1.11') || old < 0 || !addresses.includes('10.77.1.11', old)) return undefined;
    say(`n1 has spoken as ${addresses.join(', then ')}`);
    return true;
  });
};

test('a node that is moved to where no gateway answers tries both addresses in turn, and is found on either network', async () => {
  await using lab = await startLab({ nodes: 1, bridges: 'two' });
  const before = await beforeMove(lab);
  const node = lab.node('n1');
  const files = await filesOfMove(node);
  await using running = lab.droverSpawn(await moveNode(lab, 'person', '20s'));
  await running.event('a person is asked to move the VM', runWithinMs, ({ type }) => type === 'step.asked');
  await lab.moveVm('n1', 'nowhere');
  await lab.resetVm('n1');
  await kernelStarted(lab, 'n1', before.kernels + 1);
  const wire = await tapWire(lab.place, node.machine);
  await alternates(wire);
  await lab.moveVm('n1', 'a');
  const halted = await running.ended;
  expect(halted.exitCode).toBe(4);
  expect(eventsIn(halted.stdout).find(({ type }) => type === 'guard.reverted')).toMatchObject({ node: 'n1' });
  await expectReverted(lab, before, files, 1);

  await using again = lab.droverSpawn(['replay', runOf(halted), 'n1', '--yes', '--json']);
  await again.event('a person is asked again', runWithinMs, ({ type }) => type === 'step.asked');
  await lab.moveVm('n1', 'nowhere');
  await lab.resetVm('n1');
  await kernelStarted(lab, 'n1', before.kernels + 2);
  await alternates(wire);
  await lab.moveVm('n1', 'b');
  expectEnd(await again.ended, 0, 'succeeded');
  await expectMoved(lab, before, 2);
  await expectGuardGone(node);
}, 1_800_000);

test('another machine at the new address gets no command and is named; the node itself is found when it is there', async () => {
  await using lab = await startLab({ nodes: 1, bridges: 'two' });
  const before = await beforeMove(lab);
  await using running = lab.droverSpawn(await moveNode(lab, 'none', '10m'));
  await running.event('the node is told to reboot', runWithinMs, ({ type, step }) => type === 'step.applied' && step === 'reboot');
  const stranger = await placeStranger(lab, '10.77.1.11');
  const named = await running.event(
    'the verdict names the machine that answers',
    runWithinMs,
    ({ type, verdict }) => type === 'node.verdict' && JSON.stringify(verdict).includes('another-machine'),
  );
  expect(named['verdict']).toMatchObject({
    verdict: 'another-machine',
    address: '10.77.1.11',
    message: expect.stringContaining('SHA256:'),
  });
  const log = await stranger.log();
  say(`the stranger’s log: ${[...new Set(log.split('\n').map((line) => line.replace(/port \d+/, 'port N')))].join('\n')}`);
  expect(log).toMatch(/Connection from 10\.77\.1\.1/);
  expect(log, 'nobody tried to log in').not.toMatch(/userauth-request|Accepted |Starting session|Failed /);

  await stranger.leave();
  await lab.moveVm('n1', 'b');
  expectEnd(await running.ended, 0, 'succeeded');
  await expectMoved(lab, before, 1);
  await expectGuardGone(lab.node('n1'));
});
