import { expect, it } from 'vitest';
import { memoryJournal } from '../../src/journal/memory.ts';
import { hold, newToy, toyClock } from './toy.ts';

const setup = () => {
  const clock = toyClock();
  const told = { claimed: 0 };
  const claimed = async (): Promise<void> => void (told.claimed += 1);
  return { toy: newToy(), clock, journal: memoryJournal(() => clock.now()), told, claimed };
};

it('claims the node before it looks, once, where the last holder may only be frozen', async () => {
  const { toy, clock, journal, told, claimed } = setup();
  await hold(toy, clock, journal, 7, { claimed, plan: [] });
  // an empty plan needs no look, so nothing is concluded and nothing claimed
  expect([toy.claims, told.claimed]).toEqual([[], 0]);
  await hold(toy, clock, journal, 8, { claimed, runId: 'r2' });
  expect([toy.claims, told.claimed]).toEqual([[8], 1]);
  expect(toy.fence).toBe(8);
});

it('stops where the node has seen a higher fence, and tells which', async () => {
  const { toy, clock, journal, told, claimed } = setup();
  toy.fence = 40;
  expect(await hold(toy, clock, journal, 7, { claimed })).toMatchObject({ kind: 'replaced', nodeFence: 40 });
  expect([toy.sent, told.claimed]).toEqual([[], 0]);
});
