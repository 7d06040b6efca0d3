import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // what a user's runbook imports; in an installed drover the registry's hook does the same
    alias: {
      'drover/sim': fileURLToPath(new URL('src/rehearsal/index.ts', import.meta.url)),
      drover: fileURLToPath(new URL('src/index.ts', import.meta.url)),
    },
  },
  test: {
    include: ['test/**/*.test.ts', 'starter/test/*.test.ts'],
    exclude: ['test/lab/**', 'test/chaos/**', 'node_modules/**', 'dist/**'],
    // tests start real servers and programs, and wait for them half of the time: a process each
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    env: { TZ: 'UTC', NO_COLOR: '1' },
  },
});
