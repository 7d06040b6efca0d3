import { describe, expect, it } from 'vitest';
import type { Journal } from '../../src/core/ports.ts';
import { Death, type GuardWorld, NEW, OLD, guardWorld } from './guard-world.ts';

const only = (told: readonly string[], type: string): readonly string[] => told.filter((line) => line.startsWith(type));
/** A person moves the VM and starts it again, so many seconds from now. */
const moved = (world: GuardWorld, seconds: number, { network = 'services', restart = true } = {}): void =>
  world.after(seconds, () => {
    world.move(network);
    if (restart) world.reset();
  });
const START_MS = 1_700_000_000_000;
const boots = ({ machine }: GuardWorld): number => machine.bootCount - 1;

describe('a guarded move', () => {
  it('is armed before the first change at stake and confirmed over a new connection when all proofs hold, before anything goes on', async () => {
    const world = guardWorld();
    moved(world, 120);
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    const told = await world.told();
    const at = (line: string): number => told.indexOf(line);
    expect(at('guard.armed reboot')).toBeLessThan(at('step.started kernel-modules:/etc/modules-load.d/iptable_nat.conf'));
    expect(only(told, 'guard.')).toEqual(['guard.armed reboot', 'guard.confirmed reboot']);
    expect(at('guard.confirmed reboot')).toBeGreaterThan(at('step.verified address:ens192:live'));
    expect(at('guard.confirmed reboot')).toBeLessThan(
      told.findIndex((line) => /^step\.(started|skipped) service:kubelet:running/.test(line)),
    );
    expect([world.live(), boots(world), world.machine.deadman]).toEqual([[NEW], 1, null]);
    const confirm = world.calls.indexOf('drover_deadman_confirm reboot');
    expect(world.calls.slice(confirm - 2, confirm)).toEqual(['drop', `connect ${NEW}`]);
    expect(world.calls.slice(0, 2)).toEqual(['systemctl stop', 'drover_deadman_arm reboot']);
  });

  it('comes about, with one reboot, when the VM is moved and nobody restarts it: the node does so itself', async () => {
    const world = guardWorld();
    moved(world, 120, { restart: false });
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect([world.live(), boots(world), only(await world.told(), 'guard.')]).toEqual([
      [NEW],
      1,
      ['guard.armed reboot', 'guard.confirmed reboot'],
    ]);
  });

  it('is taken back when the VM is restarted and not moved: drover says so and waits for a word, then does it again', async () => {
    const world = guardWorld();
    world.after(60, () => world.reset());
    const ended = await world.work(3600);
    expect(ended).toMatchObject({
      kind: 'waiting',
      wakeInMs: null,
      waitsFor: expect.stringMatching(/gone back to its old address.*drover replay r1 n1/),
    });
    expect([world.live(), boots(world)]).toEqual([[OLD], 1]);
    expect(world.now() - START_MS).toBeLessThan((60 + 30 + 90) * 1000);
    // asked once more without a word, it stays where it is
    expect(await world.work(600)).toEqual(ended);
    await world.say({ type: 'resume', by: 'ann' });
    moved(world, 100);
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    const told = await world.told();
    expect(only(told, 'guard.')).toEqual(['guard.armed reboot', 'guard.reverted reboot', 'guard.armed reboot', 'guard.confirmed reboot']);
    expect([world.live(), boots(world), only(told, 'step.started address').length]).toEqual([[NEW], 2, 2]);
    const attempts = (await world.events()).flatMap((event) =>
      event.type === 'step.started' && event.step === 'reboot' ? [event.attempt] : [],
    );
    expect(attempts).toEqual([1, 2]);
  });

  it('is done again as well when a person says replay, which is the word for what went wrong', async () => {
    const world = guardWorld();
    world.after(60, () => world.reset());
    await world.say({ type: 'replay', by: 'too early' });
    expect(await world.work(3600)).toMatchObject({ kind: 'waiting', wakeInMs: null });
    await world.say({ type: 'replay', by: 'ann' });
    moved(world, 100);
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect([world.live(), boots(world), only(await world.told(), 'guard.').at(-1)]).toEqual([[NEW], 2, 'guard.confirmed reboot']);
  });

  it('comes back at the old address when the new one is mistyped: its gateway answers, and drover cannot reach it', async () => {
    const world = guardWorld({ network: null, newAddress: '10.78.1.11', byPerson: false });
    expect(await world.work(3600)).toMatchObject({
      kind: 'waiting',
      waitsFor: expect.stringContaining('offers the old address for a while'),
    });
    expect([world.live(), boots(world)]).toEqual([[OLD], 1]);
  });

  it('stays at the new address while drover is dead for three times the deadline, and is confirmed when it is back', async () => {
    const world = guardWorld();
    moved(world, 60);
    expect(await world.work(58)).toBeUndefined();
    await world.pass(240);
    expect(world.live()).toEqual([NEW]);
    expect(await world.work(600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect(only(await world.told(), 'guard.')).toEqual(['guard.armed reboot', 'guard.confirmed reboot']);
  });

  it('alternates on a network where no gateway answers, and is found as soon as it is on a right one', async () => {
    for (const network of ['services', 'ci'] as const) {
      const world = guardWorld();
      moved(world, 60, { network: 'dark' });
      expect(await world.work(1200)).toBeUndefined();
      world.move(network);
      const ended = await world.work(120);
      if (network === 'services') expect([ended, world.live()]).toEqual([{ kind: 'finished', outcome: 'succeeded' }, [NEW]]);
      else expect([ended?.kind, world.live()]).toEqual(['waiting', [OLD]]);
    }
  });

  it('is guarded the same way on the way back', async () => {
    const world = guardWorld();
    moved(world, 60);
    await world.work(3600);
    await world.say({ type: 'rollback', by: 'ann' });
    moved(world, 100, { network: 'ci' });
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'rolled-back' });
    expect([world.live(), only(await world.told(), 'guard.').slice(2)]).toEqual([
      [OLD],
      ['guard.armed undo.reboot', 'guard.confirmed undo.reboot'],
    ]);
  });

  it('comes back to the new address when the way back is not moved, for the node is at work there', async () => {
    const world = guardWorld();
    moved(world, 60);
    await world.work(3600);
    await world.say({ type: 'rollback', by: 'ann' });
    world.after(100, () => world.reset());
    expect(await world.work(3600)).toMatchObject({ kind: 'waiting', wakeInMs: null });
    expect([world.live(), only(await world.told(), 'guard.').at(-1)]).toEqual([[NEW], 'guard.reverted undo.reboot']);
  });

  it('is armed again on the boot that runs when the power goes between the arming and the move, and nothing is lost', async () => {
    const world = guardWorld();
    world.after(30, () => world.reset());
    moved(world, 200);
    // the reset counts as the boot: nobody has moved the VM, so the old configuration comes back
    expect(await world.work(3600)).toMatchObject({ kind: 'waiting', wakeInMs: null });
    await world.say({ type: 'resume', by: 'ann' });
    moved(world, 300);
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect(world.live()).toEqual([NEW]);
  });

  it('is not begun where the guard cannot be set', async () => {
    const world = guardWorld();
    world.machine.faults.noSystemd = true;
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'failed' });
    const told = await world.told();
    expect([only(told, 'guard.'), only(told, 'step.started')]).toEqual([[], ['step.started service:kubelet:stopped']]);
  });

  it('comes about once, whatever record drover dies at, before it is written or after', async () => {
    const dying =
      (at: number, when: 'before' | 'after', count: { n: number }) =>
      (journal: Journal): Journal => ({
        ...journal,
        append: async (...args) => {
          count.n += 1;
          const dies = count.n === at;
          if (dies && when === 'before') throw new Death('died');
          const written = await journal.append(...args);
          if (dies) throw new Death('died');
          return written;
        },
      });
    let records = 1;
    for (let at = 1; at <= records; at += 1)
      for (const when of ['before', 'after'] as const) {
        const count = { n: 0 };
        const world = guardWorld({ through: dying(at, when, count) });
        moved(world, 120, { restart: at % 2 === 0 });
        const ended = await world.work(3600);
        records = Math.max(records, count.n - 2);
        const told = await world.told();
        expect({ at, when, ended, live: world.live(), boots: boots(world), guard: world.machine.deadman }).toEqual({
          at,
          when,
          ended: { kind: 'finished', outcome: 'succeeded' },
          live: [NEW],
          boots: 1,
          guard: null,
        });
        expect(only(told, 'guard.confirmed')).toHaveLength(1);
        expect(only(told, 'guard.reverted')).toEqual([]);
      }
    expect(records).toBeGreaterThan(20);
  });

  it('comes about in the end, at the latest after a word, whenever the power goes once more', async () => {
    let reverted = 0;
    for (let second = 1; second < 400; second += 13) {
      const world = guardWorld();
      world.after(second, () => world.reset());
      moved(world, 120);
      let ended = await world.work(7200);
      for (let words = 0; words < 2 && ended?.kind === 'waiting'; words += 1) {
        reverted += 1;
        await world.say({ type: 'resume', by: 'ann' });
        world.after(60, () => world.reset());
        ended = await world.work(7200);
      }
      expect({ second, ended, live: world.live(), guard: world.machine.deadman }).toEqual({
        second,
        ended: { kind: 'finished', outcome: 'succeeded' },
        live: [NEW],
        guard: null,
      });
    }
    expect(reverted).toBeGreaterThan(0);
  });

  it('comes about once, whichever command the connection is cut at, before it runs or after', async () => {
    let commands = 1;
    for (let command = 1; command <= commands; command += 1)
      for (const when of ['before', 'after'] as const) {
        const world = guardWorld();
        world.machine.faults.sever = { command, when };
        moved(world, 120);
        const ended = await world.work(3600);
        commands = Math.max(commands, world.machine.commands.length - 1);
        expect({ command, when, ended, live: world.live(), boots: boots(world), guard: world.machine.deadman }).toEqual({
          command,
          when,
          ended: { kind: 'finished', outcome: 'succeeded' },
          live: [NEW],
          boots: 1,
          guard: null,
        });
        expect(only(await world.told(), 'guard.confirmed')).toHaveLength(1);
      }
    expect(commands).toBeGreaterThan(4);
  });
});
