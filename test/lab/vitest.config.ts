import { defineConfig } from 'vitest/config';

/** One case at a time, on real machines: the bounds are for a slow and busy computer, the cases bound each wait of their own. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    globalSetup: './setup.ts',
    pool: 'forks',
    fileParallelism: false,
    sequence: { concurrent: false },
    testTimeout: 900_000,
    hookTimeout: 900_000,
    reporters: 'verbose',
    disableConsoleIntercept: true,
    bail: 0,
  },
});
