import { describe, expect, it } from 'vitest';
import { type CommandResult, control } from '../../src/core/command.ts';
import type { Plan } from '../../src/core/plan.ts';
import { reboot } from '../../src/steps/reboot.ts';
import { dieAtEach } from './dying.ts';
import { type GuardWorld, NEW, OLD, boots, guardWorld, movePlan, only } from './guard-world.ts';
import { Death } from './means.ts';

const done: CommandResult = { exitCode: 0, stdout: '', stderr: '', durationMs: 1 };

/** The move by a program that is told the network. */
const plan = (newAddress = NEW): Plan =>
  movePlan((direction) => control(['mover', direction === 'forward' ? 'services' : 'ci']), newAddress);

/** A mover that does what it is told, and notes it. */
const mover = () => {
  const calls: string[] = [];
  const move = async ([, network = '']: readonly string[], world: GuardWorld): Promise<CommandResult> => {
    calls.push(network);
    world.move(network);
    return Promise.resolve(done);
  };
  return { calls, move };
};

describe('a move by a command', () => {
  it('moves the machine, which restarts itself once and is confirmed; nobody is asked, and on the way back the same', async () => {
    const { calls, move } = mover();
    const world = guardWorld({ plan: plan(), control: move });
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect({ calls, live: world.live(), boots: boots(world) }).toEqual({ calls: ['services'], live: [NEW], boots: 1 });
    const told = await world.told();
    expect(told.indexOf('step.applied reboot')).toBeGreaterThan(told.indexOf('guard.armed reboot'));
    expect(only(told, 'guard.confirmed')).toHaveLength(1);
    expect(only(told, 'step.asked')).toEqual([]);
    expect(world.calls.filter((call) => call.startsWith('systemctl reboot'))).toEqual([]);

    await world.say({ type: 'rollback', by: 'ann' });
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'rolled-back' });
    expect({ calls, live: world.live(), boots: boots(world) }).toEqual({ calls: ['services', 'ci'], live: [OLD], boots: 2 });
  });

  it('shows the command in the plan, behind the arming of the guard', async () => {
    const steps = await guardWorld({ plan: plan(), control: mover().move }).preview();
    expect(steps.find(({ id }) => id === 'reboot')).toMatchObject({
      title: 'reboot, when mover has moved the node',
      forecast: { kind: 'acts', actions: ['mover services', expect.stringContaining('confirm')] },
    });
  });

  it('looks first when its worker died, and runs the command again where the machine is where it was', async () => {
    let runs: string[] = [];
    const records = await dieAtEach(
      (through) => {
        const { calls, move } = mover();
        runs = calls;
        return guardWorld({ plan: plan(), control: move, through });
      },
      async (world) => {
        expect(new Set(runs)).toEqual(new Set(['services']));
        expect(only(await world.told(), 'guard.reverted')).toEqual([]);
      },
    );
    expect(records).toBeGreaterThan(15);
  });

  it('that never moved anything because its worker died before is run by the next', async () => {
    const { calls, move } = mover();
    let died = false;
    const world = guardWorld({
      plan: plan(),
      control: async (argv, to) => {
        if (!died) {
          died = true;
          throw new Death('died');
        }
        return move(argv, to);
      },
    });
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect({ calls, boots: boots(world) }).toEqual({ calls: ['services'], boots: 1 });
    expect(only(await world.told(), 'step.started reboot')).toHaveLength(2);
  });

  it('that ends with an error fails the step with what it said, and the node stays where it is, under guard', async () => {
    const world = guardWorld({
      plan: plan(),
      control: () => Promise.resolve({ ...done, exitCode: 1, stderr: "govc: network 'x' not found\n" }),
    });
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'failed' });
    const failed = (await world.events()).find(({ type }) => type === 'step.failed');
    expect(failed).toMatchObject({
      unmet: [expect.stringContaining("`mover services` exited with 1: govc: network 'x' not found"), expect.anything(), expect.anything()],
      error: { detail: { stderr: "govc: network 'x' not found\n", exitCode: 1 } },
    });
    expect({ live: world.live(), boots: boots(world) }).toEqual({ live: [OLD], boots: 0 });
  });

  it('that could not do it now is tried again, not as fast as it fails', async () => {
    const tries: number[] = [];
    const world: GuardWorld = guardWorld({
      plan: plan(),
      control: (_argv, to) => {
        tries.push(to.now());
        if (tries.length === 6) to.move('services');
        return Promise.resolve({ ...done, exitCode: tries.length < 6 ? 75 : 0, stderr: 'vCenter is busy' });
      },
    });
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect(tries).toHaveLength(6);
    expect((tries[5] ?? 0) - (tries[4] ?? 0)).toBeGreaterThanOrEqual(5000);
  });

  it('is left out where nothing has to move: the node is restarted', async () => {
    const { calls, move } = mover();
    const world = guardWorld({ plan: plan(NEW), control: move, at: NEW, network: 'services' });
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect({ calls, boots: boots(world), live: world.live() }).toEqual({ calls: [], boots: 1, live: [NEW] });
  });

  it('is refused without a guard, because nothing would restart the node', () => {
    expect(() => reboot({ within: '5m', by: () => control(['mover']) })).toThrow(
      /mover only moves the node, and its guard restarts it then/,
    );
  });
});
