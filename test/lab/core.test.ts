import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unloadAtBoot } from './faults.ts';
import { expectGuardGone, guardState, guardStory } from './guard.ts';
import { type Lab, startLab } from './lab.ts';
import { type Picture, expectBack, expectMigrated, expectUntouched, expectUpgraded, picture } from './picture.ts';
import { buildDrover, expectEnd, kernelStarted, migrate, runOf, runWithinMs, startWorker } from './runs.ts';

// The main job on real parts, as a user runs it. What is claimed is looked at from outside, over the lab's own ssh and kubectl.

beforeAll(buildDrover);

describe('a node on two subnets, moved by a person who does not restart it', () => {
  let lab: Lab;
  let before: Picture;
  beforeAll(async () => {
    lab = await startLab({ nodes: 1, bridges: 'two' });
    before = await picture(lab, 'n1');
  });
  afterAll(() => lab.stop());

  test('plan changes nothing on the node, and prints for each step that it is met or the exact actions and their rollback', async () => {
    const { exitCode, stdout } = await lab.drover(migrate('plan', ['n1'], 'person'), { withinMs: 180_000 });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/: met$/m);
    expect(stdout).toMatch(/^ +do +.*iptable_nat\.conf/m);
    expect(stdout).toMatch(/^ +do +.*10\.77\.1\.11\/24/m);
    expect(stdout).toMatch(/^ +undo +/m);
    expectUntouched(before, await picture(lab, 'n1'));
    expect(await lab.node('n1').read("find / /run /tmp /dev/shm -xdev -iname '*drover*'"), 'nothing of drover on the node').toBe('');
  });

  test('run takes the node to its new address, with one boot, and has it in service with its modules loaded', async () => {
    const running = lab.droverSpawn(migrate('run', ['n1'], 'person', '--set', 'deadman=2m', '--yes', '--json'));
    await running.event('a person is asked to move the VM', runWithinMs, ({ type, node }) => type === 'step.asked' && node === 'n1');
    const asked = await lab.node('n1').look();
    expect(asked).toMatchObject({ bootId: before.view.bootId, address: before.view.address, kubelet: 'inactive', vmtoolsd: 'active' });
    expect((await lab.node('n1').object()).spec.unschedulable).toBe(true);
    // and not restarted: its guard sees that, and does it
    await lab.moveVm('n1', 'b');
    const result = await running.ended;
    const events = expectEnd(result, 0, 'succeeded');
    expect(events.filter(({ type }) => type.startsWith('guard.')).map(({ type }) => type)).toEqual(guardStory);
    const after = await picture(lab, 'n1');
    expectMigrated(before, after);
    await expectGuardGone(lab.node('n1'));
    expect(await guardState(lab.node('n1'))).toEqual({ place: 'off', restarted: 'yes', reverts: 0, why: 'confirmed' });
    expectUpgraded(before.release, after.release, runOf(result), ['n1']);
  });

  test('run again, with the old fleet.yaml, finds the node, says that the file is out of date and touches nothing', async () => {
    const settled = await picture(lab, 'n1');
    const result = await lab.drover(migrate('run', ['n1'], 'person', '--yes', '--json'), { withinMs: runWithinMs });
    const events = expectEnd(result, 0, 'succeeded');
    expect(`${result.stdout}${result.stderr}`).toMatch(/n1 answers at 10\.77\.1\.11.*out of date/);
    expect(events.filter(({ type }) => type.startsWith('step.')).map(({ type }) => type)).toEqual(expect.arrayContaining(['step.skipped']));
    expect(events.map(({ type }) => type)).not.toContain('step.started');
    expectUntouched(settled, await picture(lab, 'n1'));
  });
});

describe('a node with both subnets on one bridge', () => {
  let lab: Lab;
  afterAll(() => lab.stop());

  test('whose worker is killed in the middle of the reboot is not rebooted again by a new one, which takes it back when it fails: old address, old files byte for byte, in service', async () => {
    lab = await startLab({ nodes: 1, bridges: 'one' });
    await unloadAtBoot(lab.node('n1'), 'iptable_nat');
    const before = await picture(lab, 'n1');
    await using first = await startWorker(lab);
    const args = migrate('run', ['n1'], 'none', '--on-failure', 'rollback', '--detach', '--yes', '--json');
    const detached = await lab.drover(args, { withinMs: 180_000 });
    expect(detached.exitCode).toBe(0);
    await kernelStarted(lab, 'n1', before.kernels + 1);
    first.kill('SIGKILL');
    expect((await first.ended).exitCode).toBe(-1);
    await using second = await startWorker(lab);
    const events = expectEnd(await lab.drover(['watch', runOf(detached), '--json'], { withinMs: runWithinMs }), 3, 'rolled-back');
    expect(events.find(({ type }) => type === 'step.failed')).toMatchObject({
      node: 'n1',
      unmet: [expect.stringContaining('iptable_nat')],
    });
    const after = await picture(lab, 'n1');
    // one boot there, one back
    expectBack(before, after, 2);
    expect(after.release).toMatchObject({ revision: 1, status: 'deployed' });
    expect(after.view.modules.split(' ')).not.toContain('iptable_filter');
    second.kill('SIGTERM');
    expect((await second.ended).exitCode).toBe(0);
  });
});
