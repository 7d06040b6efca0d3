import { expect, test } from 'vitest';
import { crashWith, plants } from './planted.ts';

/** Most are found in some hundred, the rarest in some thousand. */
const WORLDS = 12_000;

test('knows ten bugs to plant', () => {
  expect(new Set(plants.map(({ name }) => name)).size).toBe(10);
});

test.each(plants)(
  'catches a drover that $name',
  async (plant) => {
    const { code, seed, text } = await crashWith(plant, WORLDS);
    expect(seed, text.slice(-2000)).toBeGreaterThan(0);
    expect(code).toBe(1);
    expect(text).toMatch(plant.caught);
    expect(text).toContain(`npm run crash -- --worlds 1 --seed ${seed}`);
  },
  300_000,
);
