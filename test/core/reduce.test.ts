import { expect, it } from 'vitest';
import type { NewEvent } from '../../src/core/event.ts';
import { fold } from '../../src/core/reduce.ts';

const after = (...events: readonly (readonly [at: number, event: NewEvent])[]) =>
  fold(events.map(([at, event], index) => ({ ...event, seq: index + 1, at }))).steps['a'];
const started = (attempt: number): NewEvent => ({ type: 'step.started', step: 'a', attempt, before: 'was' });

it('counts the time of a step from its first start, however often it is tried', () => {
  expect(after([1000, started(1)], [2000, { type: 'step.unknown', step: 'a', why: 'cut' }], [3000, started(2)])?.startedAt).toBe(1000);
});

it('gives a step its time again that had held and was undone by somebody, hours later', () => {
  const held: NewEvent = { type: 'step.verified', step: 'a', after: 'is' };
  expect(after([1000, started(1)], [2000, held], [9_000_000, started(2)])).toMatchObject({
    startedAt: 9_000_000,
    before: 'was',
    attempt: 2,
  });
});
