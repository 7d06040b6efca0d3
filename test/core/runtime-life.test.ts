import { describe, expect, test } from 'vitest';
import { type RuntimeLife, madeByBad, wasReplaced } from '../../src/core/runtime-life.ts';
import { isVersion } from '../../src/core/version-is.ts';

const HOUR = 3_600_000;
const at = (hour: number): number => 1_700_000_000_000 + hour * HOUR;
const BAD = ['1.6.14'];
/** Booted at 0; 1.6.8 there from before, the bad one put on at 10, the good one at 20, and each started as it was put on. */
const life: RuntimeLife = {
  running: '1.6.18',
  sinceMs: at(20),
  bootedMs: at(0),
  installs: [
    { atMs: at(-50), version: '1.6.8-1', before: null },
    { atMs: at(10), version: '1.6.14-1', before: '1.6.8-1' },
    { atMs: at(20), version: '1.6.18-1', before: '1.6.14-1' },
  ],
};
const why = (known: RuntimeLife, hour: number): string | undefined => madeByBad(known, at(hour), BAD);

describe('what a bad version made', () => {
  test('is what was made from its installation to the start of the next version', () => {
    expect([5, 15, 19.99, 20, 25].map((hour) => why(life, hour))).toEqual([
      undefined,
      'made while 1.6.14 may have run',
      'made while 1.6.14 may have run',
      undefined,
      undefined,
    ]);
  });

  test('is told for sure where nothing else can have run: it runs since then, or was there at the boot', () => {
    const { installs } = life;
    expect(why({ ...life, running: '1.6.14', sinceMs: at(10), installs: installs.slice(0, 2) }, 15)).toBe('made while 1.6.14 ran');
    expect(why({ ...life, bootedMs: at(11) }, 15)).toBe('made while 1.6.14 ran');
  });

  test('is made anew at a boot, by whatever was installed then', () => {
    expect(why({ ...life, bootedMs: at(12) }, 5)).toBe('made anew at the boot while 1.6.14 ran');
    expect(why({ ...life, bootedMs: at(21), sinceMs: at(21) }, 15)).toBeUndefined();
  });

  test('may be of a version that was replaced on the disk and ran on', () => {
    // the package of the good one restarted nothing; somebody did that at 30
    expect(why({ ...life, sinceMs: at(30) }, 25)).toBe('made while 1.6.14 may have run');
    // nobody has, so the bad one still runs
    expect(why({ ...life, running: '1.6.14', sinceMs: at(10) }, 25)).toBe('made while 1.6.14 ran');
  });

  test('counts as bad where the record begins later', () => {
    const short: RuntimeLife = { ...life, installs: [{ atMs: at(20), version: '1.6.18-1' }] };
    expect(why(short, 15)).toBe('made before anything is on record about which version ran');
    expect(why(short, 25)).toBeUndefined();
    expect(why({ ...short, installs: [{ atMs: at(20), version: '1.6.18-1', before: '1.6.14-1' }] }, 15)).toBe('made while 1.6.14 ran');
    // nothing was there before, so nothing can have made it
    expect(why({ ...short, installs: [{ atMs: at(20), version: '1.6.18-1', before: null }] }, 15)).toBeUndefined();
  });

  test('allows for a clock of the API that is a little behind, at its beginning and not at its end', () => {
    expect(madeByBad(life, at(10) - 30_000, BAD)).toBe('made while 1.6.14 may have run');
    expect(madeByBad(life, at(10) - 90_000, BAD)).toBeUndefined();
    expect(madeByBad(life, at(20), BAD)).toBeUndefined();
  });

  test('has been replaced only where something else can have run since the boot', () => {
    expect(wasReplaced(life)).toBe(true);
    expect(wasReplaced({ ...life, bootedMs: at(21), sinceMs: at(21) })).toBe(false);
    expect(wasReplaced({ ...life, installs: [{ atMs: at(-1), version: '1.6.18-1' }], sinceMs: at(0) })).toBe(false);
    expect(wasReplaced({ ...life, installs: [] })).toBe(true);
  });
});

test('a version is the wished one whatever its packagers add, and none that only begins like it', () => {
  const all = ['1.6.18', 'v1.6.18', '1.6.18-3.1.el8', '1.6.18~ds1', '5:1.6.18-1', '1.6.18+ds1', '1.6.180', '1.6.1', '11.6.18', '1.6.18.1'];
  expect(all.map((one) => isVersion(one, '1.6.18'))).toEqual([true, true, true, true, true, true, false, false, false, false]);
});
