import { expect, it } from 'vitest';
import type { NewEvent } from '../../src/core/event.ts';
import { fold } from '../../src/core/reduce.ts';

const started = (attempt: number): NewEvent => ({ type: 'step.started', step: 'stop', attempt, before: 'was', bootId: 'b1' });
const verified: NewEvent = { type: 'step.verified', step: 'stop', after: 'is', bootId: 'b1' };
/** The step after events that came one hour apart. */
const after = (...events: readonly NewEvent[]) =>
  fold(events.map((event, index) => ({ ...event, seq: index + 1, at: (index + 1) * 3_600_000 }))).steps['stop'];

it('counts the time of a step from its first attempt, and anew when it had held and somebody undid it', () => {
  expect(after(started(1), started(2))?.startedAt).toBe(3_600_000);
  expect(after(started(1), verified, started(2))?.startedAt).toBe(3 * 3_600_000);
});
