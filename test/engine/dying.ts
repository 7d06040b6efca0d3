import { expect } from 'vitest';
import type { Journal } from '../../src/core/ports.ts';
import type { Ended } from '../../src/engine/world.ts';
import { type GuardWorld, NEW, boots } from './guard-world.ts';
import { Death } from './means.ts';

type When = 'before' | 'after';

/** A journal whose writer dies at the record of a number, before it is written or right after. */
const dying =
  (at: number, when: When, count: { n: number }) =>
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

/** Holds that a node has come to its new place with one boot, and that nothing guards it any more. */
export const expectMoved = (at: object, world: GuardWorld, ended: Ended | undefined): void => {
  expect({ ...at, ended, live: world.live(), boots: boots(world), guard: world.machine.deadman }).toEqual({
    ...at,
    ended: { kind: 'finished', outcome: 'succeeded' },
    live: [NEW],
    boots: 1,
    guard: null,
  });
};

/**
 * Has drover die at one record after the other, and go on; holds that each time the node is moved all the same.
 *
 * @returns how many records there were to die at
 */
export const dieAtEach = async (
  make: (through: (journal: Journal) => Journal, at: number) => GuardWorld,
  then: (world: GuardWorld) => Promise<void>,
): Promise<number> => {
  let records = 1;
  for (let at = 1; at <= records; at += 1)
    for (const when of ['before', 'after'] as const) {
      const count = { n: 0 };
      const world = make(dying(at, when, count), at);
      const ended = await world.work(7200);
      records = Math.max(records, count.n - 2);
      expectMoved({ at, when }, world, ended);
      await then(world);
    }
  return records;
};
