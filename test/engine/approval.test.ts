import { expect, test } from 'vitest';
import type { NewControl } from '../../src/core/event.ts';
import { approval } from '../../src/steps/person.ts';
import { bookWorld } from '../runbooks/book-world.ts';

const steps = [approval('start', { question: 'shall it begin?', within: '1h' })];
const answer = (word: string): NewControl => ({ by: 'ops', type: 'answer', step: 'approval:start', answer: word });
const MINUTE = 60_000;

test('a no ends an approval at once, well before its bound; a replay asks anew, and a yes is enough then', async () => {
  const world = bookWorld();
  world.sayIn(MINUTE, answer('no'));
  expect(await world.run(steps)).toMatchObject({ kind: 'finished', outcome: 'failed' });
  const events = await world.events();
  const [asked, failed] = ['step.asked', 'step.failed'].map((type) => events.find((event) => event.type === type));
  expect(failed).toMatchObject({ unmet: expect.arrayContaining(['a person said "no" to: shall it begin?']) });
  expect((failed?.at ?? 0) - (asked?.at ?? 0)).toBeLessThan(2 * MINUTE);

  world.sayIn(MINUTE, answer('yes'));
  expect(await world.replay(steps)).toEqual({ kind: 'finished', outcome: 'succeeded' });
  expect((await world.told()).filter((told) => told === 'step.asked approval:start')).toHaveLength(2);
});
