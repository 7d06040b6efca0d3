import { seededIds } from '../../src/sim/random.ts';

/** All that is left to chance in a world, from one seed. */
export type Chance = {
  /** True with this probability. */
  maybe(probability: number): boolean;
  /** A whole number from `least` to `most`. */
  int(least: number, most: number): number;
  /** A time between two, in milliseconds. */
  ms(least: number, most: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** A source of its own, so that more of one kind of chance does not change another. */
  apart(): Chance;
};

/** The same seed gives the same chances. */
export const chanceOf = (seed: number): Chance => {
  const { fraction } = seededIds(seed);
  const int = (least: number, most: number): number => least + Math.floor(fraction() * (most - least + 1));
  return {
    maybe: (probability) => fraction() < probability,
    int,
    ms: (least, most) => least + fraction() * (most - least),
    pick: (items) => items[int(0, items.length - 1)] ?? items[0],
    apart: () => chanceOf(Math.floor(fraction() * 2 ** 32)),
  };
};
