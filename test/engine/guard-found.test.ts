import { describe, expect, it } from 'vitest';
import type { Journal } from '../../src/core/ports.ts';
import type { NewEvent } from '../../src/core/event.ts';
import { findGuard } from '../../src/sim/node/deadman-files.ts';
import { NEW, OLD, guardWorld, moved, only } from './guard-world.ts';
import { Death } from './means.ts';

/** A journal that does something, once, when an event is about to be written. */
const atEvent =
  (is: (event: NewEvent) => boolean, what: () => void) =>
  (journal: Journal): Journal => {
    let open = true;
    return {
      ...journal,
      append: async (...args) => {
        if (open && is(args[3])) {
          open = false;
          what();
        }
        return journal.append(...args);
      },
    };
  };

// found by the crash test
describe('a guarded move', { timeout: 120_000 }, () => {
  it('is not confirmed on the way back before the old address is proven, though the node has booted (world 408)', async () => {
    const world = guardWorld({ network: null, byPerson: false });
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    world.machine.faults.bootsAtOldAddress = true;
    await world.say({ type: 'rollback', by: 'ann' });
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'failed' });
    const confirmed = (await world.events()).flatMap((event) => (event.type === 'guard.confirmed' ? [event.address] : []));
    expect([confirmed, world.live()]).toEqual([[NEW], [NEW]]);
    await world.pass(120);
    expect(world.live()).toEqual([OLD]);
  });

  it('leaves no guard behind that drover died arming, when the node is taken back before anything else (world 245)', async () => {
    const world = guardWorld({
      through: atEvent(
        ({ type }) => type === 'guard.armed',
        () => {
          void world.say({ type: 'rollback', by: 'ann' });
          throw new Death('died');
        },
      ),
    });
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'rolled-back' });
    expect(only(await world.told(), 'guard.')).toEqual(['guard.arming reboot', 'guard.disarmed reboot']);
    expect([findGuard(world.machine), world.machine.deadman]).toEqual([undefined, null]);
  });

  it('is taken back for good when its guard has gone back before drover came: nothing changes places any more (world 3452)', async () => {
    const world = guardWorld();
    world.after(60, () => world.reset());
    expect(await world.work(58)).toBeUndefined();
    await world.pass(120);
    expect(world.live()).toEqual([OLD]);
    // who is asked too late does it all the same, once the way back has begun
    await world.say({ type: 'rollback', by: 'ann' });
    const ended = world.work(600);
    world.after(3, () => world.move('services'));
    expect(await ended).toEqual({ kind: 'finished', outcome: 'rolled-back' });
    await world.pass(600);
    expect([world.live(), only(await world.told(), 'guard.')]).toEqual([
      [OLD],
      ['guard.arming reboot', 'guard.armed reboot', 'guard.disarmed reboot'],
    ]);
    const told = await world.told();
    expect(told.indexOf('guard.disarmed reboot')).toBeLessThan(told.findIndex((line) => line.endsWith('undo.address:ens192')));
  });

  it('that has not come about is taken back under the guard of the way there: a restart just then is no end (world 26926)', async () => {
    const world = guardWorld({
      through: atEvent(
        (event) => event.type === 'step.started' && event.step === 'undo.address:ens192',
        () => world.reset(),
      ),
    });
    expect(await world.work(60)).toBeUndefined();
    await world.say({ type: 'rollback', by: 'ann' });
    // it has booted where its new address is dead, and nobody waits for its guard as long as that takes
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'failed' });
    await world.pass(600);
    expect(world.live()).toEqual([OLD]);
    await world.say({ type: 'rollback', by: 'ann' });
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'rolled-back' });
    expect([world.live(), findGuard(world.machine)]).toEqual([[OLD], undefined]);
  });

  it('says that the node is out of reach when it goes right before it is confirmed, and goes on when it is back', async () => {
    const world = guardWorld({
      through: atEvent(
        (event) => event.type === 'step.verified' && event.step === 'address:ens192:live',
        () => world.move('dark'),
      ),
    });
    moved(world, 60);
    world.after(600, () => world.move('services'));
    expect(await world.work(3600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    const events = await world.events();
    const proven = events.findIndex((event) => event.type === 'step.verified' && event.step === 'address:ens192:live');
    expect(events.slice(proven + 1, proven + 3)).toMatchObject([
      { type: 'node.parked', unreachable: true, clears: 'by-itself' },
      { type: 'node.resumed' },
    ]);
  });
});

describe('the power of a node goes', { timeout: 120_000 }, () => {
  it('at each of the writes by which its guard is armed, and the move comes about', async () => {
    let writes = 0;
    for (let open = true; open; writes += 1) {
      const world = guardWorld();
      world.machine.faults.powerCut = { during: 'arm', writes };
      moved(world, 200);
      expect([writes, await world.work(3600)]).toEqual([writes, { kind: 'finished', outcome: 'succeeded' }]);
      expect([world.live(), findGuard(world.machine), world.machine.deadman]).toEqual([[NEW], undefined, null]);
      open = world.machine.faults.powerCut === undefined;
    }
    expect(writes).toBeGreaterThan(8);
  });

  it('at each of the writes by which its guard goes back, and it is back, whole', async () => {
    let writes = 0;
    for (let open = true; open; writes += 1) {
      const world = guardWorld();
      const before = new Map(world.machine.files.entries);
      world.machine.faults.powerCut = { during: 'switch', writes };
      world.after(60, () => world.reset());
      expect([writes, await world.work(3600)]).toMatchObject([writes, { kind: 'waiting', wakeInMs: null }]);
      expect(world.live()).toEqual([OLD]);
      for (const [path, entry] of before)
        if (path.startsWith('/etc/')) expect([path, world.machine.files.entries.get(path)]).toEqual([path, entry]);
      expect(world.machine.files.entries.has('/etc/modules-load.d/iptable_nat.conf')).toBe(false);
      open = world.machine.faults.powerCut === undefined;
    }
    expect(writes).toBeGreaterThan(8);
  });

  it('while the move is confirmed, and it is confirmed, once', async () => {
    for (const writes of [0, 1]) {
      const world = guardWorld();
      world.machine.faults.powerCut = { during: 'end', writes };
      moved(world, 60);
      expect([writes, await world.work(3600)]).toEqual([writes, { kind: 'finished', outcome: 'succeeded' }]);
      expect(only(await world.told(), 'guard.confirmed')).toHaveLength(1);
      expect([world.live(), findGuard(world.machine), world.machine.deadman]).toEqual([[NEW], undefined, null]);
    }
  });
});
