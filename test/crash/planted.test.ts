import { expect, test } from 'vitest';
import { guardPlants } from './planted-guard.ts';
import { crashWith, plants } from './planted.ts';

/** Most are found in some hundred, the rarest in some thousand. */
const WORLDS = 12_000;

const all = [...plants, ...guardPlants];

test('knows 19 bugs to plant', () => {
  expect(new Set(all.map(({ name }) => name)).size).toBe(19);
});

test.concurrent.each(all)(
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
