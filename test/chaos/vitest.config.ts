import { defineConfig } from 'vitest/config';

/** One case at a time: real processes, a minute of trouble. The bounds are for a slow and busy computer. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    pool: 'forks',
    globalSetup: ['../built.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 60_000,
    disableConsoleIntercept: true,
    env: { TZ: 'UTC', NO_COLOR: '1' },
  },
});
