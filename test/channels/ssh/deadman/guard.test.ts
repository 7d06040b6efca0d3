import { describe, expect, test } from 'vitest';
import { type Looks, NEW, OLD, arm, boot, change, described, leftovers, live, makeBox, onDisk, place, shells } from './box.ts';

const systems: readonly Looks[] = ['el8', 'el9', 'debian'];
const [oldThere, newThere] = [OLD.gateway, NEW.gateway];
const ups = (log: readonly string[]): readonly string[] => log.map((line) => line.replace(/^\d+ /, ''));
const wentOld = 'up 10.77.0.11/24';
const wentNew = 'up 10.77.1.11/24';

describe.each(systems)('the guard on %s', (looks) => {
  const shell = ['sh'];
  test('waits its time for a confirmation, then brings the old configuration up without a reboot, byte for byte, when only the old gateway answers', async () => {
    using box = makeBox(looks, shell);
    const before = described(box);
    expect(await arm(box)).toBe(0);
    change(box);
    const seen = boot(box, { link: [[0, oldThere]], until: 1000 });
    expect(seen.log).toEqual([expect.stringMatching(/^7\d up 10.77.0.11\/24$/)]);
    expect([seen.end, described(box), live(box), place(box), leftovers(box)]).toEqual(['over', before, OLD.address, 'old', []]);
    expect(seen.stderr).toContain('only the old gateway answers');
  });
});

describe.each(shells)('the guard under $name', ({ shell }) => {
  const looks = 'el9';

  test('stays at the new address for three times the deadline and more where its gateway answers, although nobody confirms', async () => {
    using box = makeBox(looks, shell);
    await arm(box);
    change(box);
    const seen = boot(box, { link: [[0, newThere]], until: 300 });
    expect([seen.log, onDisk(box), live(box)]).toEqual([[], 'new', NEW.address]);
  });

  test('then offers the old address in slices, and goes back to the new one each time', async () => {
    using box = makeBox(looks, shell);
    await arm(box);
    change(box);
    const seen = boot(box, { link: [[0, newThere]], until: 700 });
    expect(ups(seen.log)).toEqual([wentOld, wentNew, wentOld, wentNew]);
    const [first = '', second = '', third = ''] = seen.log;
    expect(Number.parseInt(second) - Number.parseInt(first)).toBeLessThan(30);
    expect(Number.parseInt(third) - Number.parseInt(second)).toBeGreaterThanOrEqual(300);
  });

  test('alternates between both places while no gateway answers, until one does', async () => {
    using box = makeBox(looks, shell);
    const before = described(box);
    await arm(box);
    change(box);
    const seen = boot(box, { link: [[0], [160, oldThere]], until: 400 });
    expect(ups(seen.log).slice(0, 4)).toEqual([wentOld, wentNew, wentOld, wentNew]);
    expect([described(box), live(box), Number.parseInt(seen.log.at(-1) ?? '') < 200]).toEqual([before, OLD.address, true]);
  });

  test('restarts a node that was moved and not restarted, once', async () => {
    using box = makeBox(looks, shell);
    await arm(box);
    change(box);
    const link: readonly (readonly [number, ...string[]])[] = [[0, oldThere], [200], [300, newThere]];
    const seen = boot(box, { link, until: 2000, sameBoot: true });
    expect([seen.end, seen.log]).toEqual(['rebooted', [expect.stringMatching(/^3[01]\d reboot$/)]]);
    expect(boot(box, { link, until: 700, sameBoot: true })).toMatchObject({ end: 'over', log: [] });
    expect(boot(box, { link: [[0, newThere]], until: 200 })).toMatchObject({ end: 'over', log: [] });
    expect([place(box), live(box)]).toEqual(['new', NEW.address]);
  });
});
