import { expect, test } from 'vitest';
import { zonedTime } from '../../src/facts/zoned-time.ts';

test.each([
  ['in UTC', '2026-11-21 20:01:58', 'Etc/UTC', '2026-11-21T20:01:58Z'],
  ['in summer', '2026-07-01 12:00:00', 'Europe/Berlin', '2026-07-01T10:00:00Z'],
  ['in the hour that comes twice, as the first of both', '2026-10-25 02:30:00', 'Europe/Berlin', '2026-10-25T00:30:00Z'],
  ['behind UTC, over midnight', '2026-01-01 23:30:00', 'America/New_York', '2026-01-02T04:30:00Z'],
  ['where nobody knows the zone', '2026-01-01 23:30:00', 'Nowhere/There', undefined],
  ['where it is none', 'yesterday', 'Etc/UTC', undefined],
])('a time of a log is told %s', (_what, text, zone, is) => {
  expect(zonedTime(text, zone)).toBe(is);
});
