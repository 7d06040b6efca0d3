import { describe, expect, it } from 'vitest';
import { dieAtEach, expectMoved } from './dying.ts';
import { NEW, guardWorld, moved, only } from './guard-world.ts';

describe('a guarded move', { timeout: 120_000 }, () => {
  it('comes about once, whatever record drover dies at, before it is written or after', async () => {
    const records = await dieAtEach(
      (through, at) => {
        const world = guardWorld({ through });
        moved(world, 120, { restart: at % 2 === 0 });
        return world;
      },
      async (world) => {
        const told = await world.told();
        expect(only(told, 'guard.confirmed')).toHaveLength(1);
        expect(only(told, 'guard.reverted')).toEqual([]);
      },
    );
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
        expectMoved({ command, when }, world, ended);
        expect(only(await world.told(), 'guard.confirmed')).toHaveLength(1);
      }
    expect(commands).toBeGreaterThan(4);
  });
});
