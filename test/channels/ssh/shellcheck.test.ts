import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { DEADMAN_SCRIPT } from '../../../src/channels/ssh/deadman-script.ts';
import { libraryFor } from '../../../src/channels/ssh/node-library.ts';

const isThere = spawnSync('shellcheck', ['--version']).status === 0;
/** What shellcheck(1) has against a script, from a severity on. */
const problems = (script: string, severity: 'style' | 'error'): string => {
  const { status, stdout, stderr } = spawnSync('shellcheck', ['-s', 'sh', '-S', severity, '-f', 'gcc', '-'], {
    input: script,
    encoding: 'utf8',
  });
  return status === null ? 'shellcheck is not installed' : stdout + stderr;
};

// a developer may do without; where all must run it is a failure
test.runIf(isThere || process.env['CI'] === 'true')(
  "nothing is wrong with the guard's script, nor badly wrong with the node library",
  () => {
    expect(problems(DEADMAN_SCRIPT, 'style')).toBe('');
    expect(problems(libraryFor({ guarded: true, durable: true, files: true, deadman: 'armed' }), 'error')).toBe('');
    expect(problems('if true; then', 'error'), 'it finds what is wrong').not.toBe('');
  },
);
