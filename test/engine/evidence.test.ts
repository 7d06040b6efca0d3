import { expect, it } from 'vitest';
import { memoryJournal } from '../../src/journal/memory.ts';
import { newToy, toEnd, toyClock } from './toy.ts';

it('does not open a node on the strength of proofs that were seen on an earlier boot', async () => {
  const clock = toyClock();
  const toy = newToy();
  const journal = memoryJournal(() => clock.now());
  let once = true;
  const watching = {
    ...journal,
    append: async (...args: Parameters<typeof journal.append>) => {
      const written = await journal.append(...args);
      // somebody pulls the plug right behind the proof, and the machine comes back without it
      if (once && written.type === 'step.verified' && written.step === 'live:conf=new') {
        once = false;
        toy.boots += 1;
        toy.live.set('conf', 'old');
      }
      return written;
    },
  };
  expect(await toEnd(toy, clock, watching, 1)).toEqual({ kind: 'finished', outcome: 'failed' });
  expect(toy.disk.get('cordon')).toBe('yes');
  const events = await journal.read('r1', 'n1');
  expect(events.some((event) => event.type === 'step.started' && event.step === 'live:conf=new')).toBe(true);
  expect(toy.sent).not.toContain('set cordon no');
});
