import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { runMany } from './many.ts';
import { live } from './world.ts';

test('comes to a good end in 2,000 worlds, whatever goes wrong in them', async () => {
  const { worlds, failed, outcomes } = await runMany({ from: 1, worlds: 2000, threads: Math.min(2, availableParallelism()) });
  expect(failed, `npm run crash -- --worlds 1 --seed ${failed?.seed} tells its story`).toBeUndefined();
  expect(worlds).toBe(2000);
  // a crash test in which nothing else than the best comes to pass would test nothing
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['cancelled', 'failed', 'rolled-back', 'succeeded']));
}, 300_000);

test('lives through the same world twice in the same way, by its seed alone', async () => {
  const story = async (seed: number): Promise<readonly string[]> => {
    const lines: string[] = [];
    await live(seed, (line) => lines.push(line));
    return lines;
  };
  for (const seed of [11, 12, 13]) expect(await story(seed)).toEqual(await story(seed));
  expect(await story(11)).not.toEqual(await story(12));
});
