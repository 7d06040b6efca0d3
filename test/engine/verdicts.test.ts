import { describe, expect, it } from 'vitest';
import { memoryJournal } from '../../src/journal/memory.ts';
import { type GuardWorld, NEW, OLD, guardWorld, moved } from './guard-world.ts';
import { newToy, toEnd, toyClock } from './toy.ts';

const verdicts = async (world: GuardWorld) => (await world.events()).flatMap((event) => (event.type === 'node.verdict' ? [event] : []));
const words = async (world: GuardWorld): Promise<readonly string[]> => (await verdicts(world)).map(({ verdict }) => verdict.verdict);

describe('where a node was found', () => {
  it('is journaled once each, with the way out of it, before the step that it verifies', async () => {
    const world = guardWorld();
    moved(world, 60);
    expect(await world.work(400)).toMatchObject({ kind: 'finished', outcome: 'succeeded' });
    expect(await words(world)).toEqual(['nobody', 'rebooted-at-new']);
    const told = await world.told();
    expect(told.lastIndexOf('node.verdict reboot')).toBeLessThan(told.indexOf('step.verified reboot'));
    const [away, there] = await verdicts(world);
    expect(away).toMatchObject({ waits: 'reboot', asked: true, verdict: { addresses: [OLD, NEW] }, next: { waits: 'reboot' } });
    expect(there?.next.drover.map(({ does }) => does)).toContain('confirms the move over a new connection when they hold');
    expect(there?.waits).toMatch(/^kernel-modules:.*:loaded$/);
  });

  it('is its old place when the guard has taken the move back, and the revert says what comes next', async () => {
    const world = guardWorld();
    world.after(60, () => world.reset());
    expect(await world.work(400)).toMatchObject({ kind: 'waiting', wakeInMs: null });
    expect(await words(world)).toEqual(['nobody', 'rebooted-at-old']);
    const reverted = (await world.events()).find(({ type }) => type === 'guard.reverted');
    expect(reverted).toMatchObject({
      next: {
        waits: 'reboot',
        person: [expect.stringContaining(`can be reached at ${NEW}`), 'drover replay r1 n1', 'drover rollback r1 n1'],
      },
    });
  });

  it('is told of a node that drover restarts only when it is away for longer than a boot takes', async () => {
    const world = guardWorld({ byPerson: false, network: null });
    world.machine.faults.neverBoots = true;
    await world.work(100);
    expect(await words(world)).toEqual([]);
    await world.work(100);
    expect(await words(world)).toEqual(['nobody']);
    const [away] = await verdicts(world);
    expect(away?.next.drover[1]).toEqual({
      does: expect.stringContaining('returns to its old address 1m after its boot'),
      from: expect.any(Number),
    });
    await world.work(600);
    expect(await words(world)).toEqual(['nobody']);
  });

  it('is another machine, as soon as it answers', async () => {
    const world = guardWorld();
    world.machine.faults.strangerAfterBoot = 'product-uuid';
    moved(world, 60);
    await world.work(200);
    expect(await words(world)).toEqual(['nobody', 'another-machine']);
    expect((await verdicts(world)).at(-1)).toMatchObject({
      verdict: { address: NEW, message: expect.stringContaining('its product uuid is') },
      next: { waits: 'reboot' },
    });
  });

  it('is no news of a node that boots where it is', async () => {
    const clock = toyClock();
    const journal = memoryJournal(() => clock.now());
    await toEnd(newToy(), clock, journal, 1);
    expect((await journal.read('r1', 'n1')).map(({ type }) => type)).not.toContain('node.verdict');
  });
});
