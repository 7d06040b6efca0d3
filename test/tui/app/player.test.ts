import { expect, test } from 'vitest';
import type { Told } from '../../../src/tui/model.ts';
import { between, inTime, played } from '../../../src/tui/app/player.ts';

const told = (stream: string, seq: number, at: number): Told => ({
  stream,
  event: { type: 'step.applied', step: 's', durationMs: 1, seq, at },
});
const history = inTime([told('a', 1, 10), told('a', 2, 20), told('b', 1, 5), told('b', 2, 20), told('b', 3, 30)]);

test('orders the events of all streams by time, and leaves those of one in their order', () => {
  expect(history.map(({ stream, event }) => `${stream}${event.seq}`)).toEqual(['b1', 'a1', 'a2', 'b2', 'b3']);
});

test('plays every event once, however the time is cut', () => {
  const cuts = [-1, 5, 5, 12, 19, 20, 25, 100];
  const seen = cuts.slice(1).flatMap((to, index) => between(history, cuts[index] ?? -1, to));
  expect(seen).toEqual(history);
});

test('goes as many times faster as it is told, stands still when paused, and stops at the end', () => {
  expect(played({ at: 0, speed: 10, paused: false }, 100, 5000).at).toBe(1000);
  expect(played({ at: 4500, speed: 10, paused: false }, 100, 5000).at).toBe(5000);
  expect(played({ at: 7, speed: 10, paused: true }, 100, 5000).at).toBe(7);
});
