import { expect, test } from 'vitest';
import { type Boot, NEW, OLD, arm, boot, change, described, leftovers, live, makeBox, onDisk, place } from './box.ts';

const shell = ['dash'];
/** The deadline: short, because the guard is at work once a second of it. */
const SHORT_MS = 5000;
const [oldThere, newThere] = [OLD.gateway, NEW.gateway];
const unsynced = (log: readonly string[]): readonly string[] => log.filter((line) => line.includes('UNSYNCED'));

test('a power cut before any write of a revert leaves files that are whole, and the next boot ends it', { timeout: 300_000 }, async () => {
  const revert: Boot = { link: [[0, oldThere]], until: 25 };
  const cutAt = async (cut: number): Promise<boolean> => {
    using box = makeBox(cut % 2 === 0 ? 'el8' : 'debian', shell, SHORT_MS);
    const before = described(box);
    await arm(box);
    change(box);
    const first = boot(box, { ...revert, cut });
    const then = boot(box, { ...revert, until: 40 });
    expect({ cut, files: described(box), live: live(box), place: place(box), left: leftovers(box) }).toEqual({
      cut,
      files: before,
      live: OLD.address,
      place: 'old',
      left: [],
    });
    expect([...unsynced(first.log), ...unsynced(then.log)]).toEqual([]);
    return first.end === 'cut';
  };
  let cuts = 0;
  while (await cutAt(cuts + 1)) cuts += 1;
  expect(cuts).toBeGreaterThan(15);
});

test('a power cut on the way back to the new place leaves one of the two configurations, and it is up', { timeout: 300_000 }, async () => {
  const away: Boot = { link: [[0]], until: 100 };
  for (const cut of [21, 24, 27, 30, 33, 36, 39]) {
    using box = makeBox('el9', shell);
    await arm(box);
    change(box);
    expect(boot(box, { ...away, cut }).end).toBe('cut');
    const then = boot(box, { link: [[0, newThere]], until: 14 });
    expect({ cut, disk: onDisk(box), live: live(box) }).toEqual(
      place(box) === 'old' ? { cut, disk: 'old', live: OLD.address } : { cut, disk: 'new', live: NEW.address },
    );
    expect(unsynced(then.log)).toEqual([]);
  }
});
