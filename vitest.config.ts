import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';

/** Folders whose tests leave nothing behind in their process: files share one, because to start it and to load drover costs more than most of them do. */
const tidy = ['cli', 'core', 'engine', 'facts', 'rehearsal', 'runbooks', 'sim', 'steps', 'words'].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);
const elsewhere = ['test/lab/**', 'test/chaos/**', 'node_modules/**', 'dist/**'];

/** What takes longest begins first, so that no process is left alone with it at the end; the others go as vitest has them. */
const longest = [
  'e2e/worker-signals',
  'e2e/migrate',
  'e2e/adopt',
  'deadman/cut-call',
  'crash/planted',
  'crash/crash',
  'e2e/people',
  'e2e/endings',
];
class LongestFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]): ReturnType<BaseSequencer['sort']> {
    const place = ({ moduleId }: (typeof files)[number]): number => {
      const found = longest.findIndex((name) => moduleId.endsWith(`${name}.test.ts`));
      return found < 0 ? longest.length : found;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}

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
    globalSetup: ['test/built.ts'],
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    env: { TZ: 'UTC', NO_COLOR: '1' },
    projects: [
      { extends: true, test: { name: 'tidy', include: tidy, isolate: false } },
      {
        extends: true,
        test: { name: 'whole', include: ['test/**/*.test.ts', 'starter/test/*.test.ts'], exclude: [...elsewhere, ...tidy] },
      },
    ],
  },
});
