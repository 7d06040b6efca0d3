import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Folders whose tests start nothing and leave nothing behind: their files share a process, because to start one costs more than most of them do. */
const pure = ['core', 'facts', 'steps', 'words'].map((folder) => `test/${folder}/**/*.test.ts`);
const elsewhere = ['test/lab/**', 'test/chaos/**', 'node_modules/**', 'dist/**'];

export default defineConfig({
  resolve: {
    // what a user's runbook imports; in an installed drover the registry's hook does the same
    alias: {
      'drover/sim': fileURLToPath(new URL('src/rehearsal/index.ts', import.meta.url)),
      drover: fileURLToPath(new URL('src/index.ts', import.meta.url)),
    },
  },
  test: {
    // tests start real servers and programs, and wait for them half of the time: a process each
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    env: { TZ: 'UTC', NO_COLOR: '1' },
    projects: [
      { extends: true, test: { name: 'pure', include: pure, isolate: false } },
      {
        extends: true,
        test: { name: 'whole', include: ['test/**/*.test.ts', 'starter/test/*.test.ts'], exclude: [...elsewhere, ...pure] },
      },
    ],
  },
});
