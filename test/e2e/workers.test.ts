import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Sim } from '../../src/sim/index.ts';
import { type Operator, type Running, operator } from './drover.ts';
import { fleet, migrate } from './fleet.ts';

/** Fences in the order in which the node let commands through must never go down: a replaced worker changes nothing. */
const fencesOf = (sim: Sim, name: string): number[] => sim.node(name).commands.map(({ fence }) => fence);

/** A worker that has just begun a step of a run that somebody else watches. */
const underWay = async (anna: Operator, sim: Sim, step: string): Promise<{ readonly first: Running; readonly watching: Running }> => {
  const first = anna.start(['worker']);
  await first.printed(/takes up to/);
  const run = await anna.drover(migrate(sim, '--detach'));
  const watching = anna.start(['watch', /"run":"(\w+)"/.exec(run.stdout)?.[1] ?? '', '--json']);
  await watching.printed(new RegExp(`"type":"step.started","step":"${step}"`));
  return { first, watching };
};

describe('workers', () => {
  it('that were frozen and replaced change nothing when they wake', async () => {
    await using sim = await fleet(1, { speed: 10 });
    await using anna = operator(sim);
    const { first, watching } = await underWay(anna, sim, 'packages:open-vm-tools');
    first.child.kill('SIGSTOP');
    const second = anna.start(['worker']);
    await second.printed(/takes up to/);
    const ended = await watching.ended;
    expect(ended.exitCode).toBe(0);
    const after = sim.node('runner-1');
    first.child.kill('SIGCONT');
    await wait(2000);
    expect(sim.node('runner-1').commands).toEqual(after.commands);
    expect(sim.node('runner-1')).toMatchObject({ bootCount: 2, cordoned: false });
    const fences = fencesOf(sim, 'runner-1');
    expect(fences).toEqual(fences.toSorted((a, b) => a - b));
    expect(new Set(fences).size).toBeGreaterThan(1);
  }, 120_000);

  it('of two operators at once: one gets the node, the other is told who has it', async () => {
    await using sim = await fleet(1);
    await using anna = operator(sim);
    const both = [anna.start(migrate(sim)), anna.start(migrate(sim))];
    const ended = await Promise.all(both.map(({ ended: end }) => end));
    expect(new Set(ended.map(({ exitCode }) => exitCode))).toEqual(new Set([0, 2]));
    expect(ended.find(({ exitCode }) => exitCode === 2)?.stderr).toMatch(/runner-1 is in run \w+, started by/);
    expect(sim.node('runner-1')).toMatchObject({ bootCount: 2, cordoned: false });
  }, 60_000);

  it('cancel a run for another operator, and rollback takes back what was done until then', async () => {
    await using sim = await fleet(1, { speed: 10 });
    await using anna = operator(sim);
    const run = anna.start(migrate(sim));
    const runId = await run.printed(/"run":"(\w+)"/);
    await run.printed(/"type":"step.verified","step":"service:kubelet:stopped"/);
    // slow enough for the cancel to come before the reboot, however long the command takes to start
    sim.setFaults('runner-1', { slowMs: 400 });
    expect(await anna.drover(['cancel', runId, '--yes'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(`, drover rollback ${runId} takes it back\n`),
    });
    expect((await run.ended).exitCode).toBe(130);
    sim.setFaults('runner-1', {});
    expect(sim.node('runner-1')).toMatchObject({ bootCount: 1, cordoned: true });
    const back = await anna.drover(['rollback', runId, '--yes', '--json']);
    expect(back.exitCode).toBe(3);
    expect(sim.node('runner-1')).toMatchObject({ bootCount: 1, cordoned: false });
    expect(sim.node('runner-1').unit('kubelet')?.active).toBe('active');
  }, 120_000);
});
