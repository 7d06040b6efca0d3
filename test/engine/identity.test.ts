import { describe, expect, it } from 'vitest';
import type { NodeEvent } from '../../src/core/event.ts';
import { memoryJournal } from '../../src/journal/memory.ts';
import { hold, newToy, toEnd, toyClock } from './toy.ts';

const setup = () => {
  const clock = toyClock();
  return { toy: newToy(), clock, journal: memoryJournal(() => clock.now()) };
};
const at = (events: readonly NodeEvent[], type: NodeEvent['type']): number => events.findIndex((event) => event.type === type);

class Died extends Error {}

describe('who the machine is', () => {
  it('is in the journal before the first change is begun, at whatever record a worker dies', async () => {
    for (let nth = 1; nth <= 12; nth += 1) {
      const { toy, clock, journal } = setup();
      let count = 0;
      const dying: typeof journal = {
        ...journal,
        append: async (...args) => {
          count += 1;
          if (count === nth) throw new Died('died');
          return journal.append(...args);
        },
      };
      await toEnd(toy, clock, dying, 1).catch((error: unknown) => {
        if (!(error instanceof Died)) throw error;
      });
      const early = await journal.read('r1', 'n1');
      const sent = [...toy.sent];
      if (at(early, 'node.identified') < 0) expect(sent, `nothing is sent before it is pinned, death at ${nth}`).toEqual([]);
      await toEnd(toy, clock, journal, 500);
      const events = await journal.read('r1', 'n1');
      expect(at(events, 'node.identified'), `death at record ${nth}`).toBeGreaterThanOrEqual(0);
      expect(at(events, 'node.identified')).toBeLessThan(at(events, 'step.started'));
      expect(events.filter(({ type }) => type === 'node.identified')).toHaveLength(1);
    }
  });

  it('is what every later contact asks for, whoever makes it', async () => {
    const { toy, clock, journal } = setup();
    for (let fence = 1; fence <= 3; fence += 1) await hold(toy, clock, journal, fence);
    const [identified] = (await journal.read('r1', 'n1')).flatMap((event) => (event.type === 'node.identified' ? [event.identity] : []));
    const [first, ...later] = toy.expected;
    expect(first).toBeNull();
    expect(later.length).toBeGreaterThan(1);
    for (const one of later) expect(one).toEqual(identified);
  });
});
