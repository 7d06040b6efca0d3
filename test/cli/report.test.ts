import { expect, test } from 'vitest';
import { report } from '../../src/cli/report.ts';
import { CancelledError, ConnectionError, JournalConflictError, PlanDriftError, RedisError, UsageError } from '../../src/core/error.ts';

test.each([
  [new UsageError('x'), 2],
  [new PlanDriftError('x'), 2],
  [new ConnectionError('host-key', 'x'), 2],
  [new RedisError('x'), 5],
  [new JournalConflictError('x'), 5],
  [new CancelledError('x'), 130],
])('reports %s in one line, without a stack', (error, exitCode) => {
  expect(report(error, false)).toEqual({ text: 'drover: x', exitCode });
});

test('puts the place in front when a file is to blame', () => {
  expect(report(new UsageError('nodes: is missing', { detail: { file: 'fleet.yaml', line: 3, column: 1 } }), false).text).toBe(
    'drover: fleet.yaml:3:1: nodes: is missing',
  );
  expect(report(new UsageError('is not there', { detail: { file: 'fleet.yaml' } }), false).text).toBe('drover: fleet.yaml: is not there');
});

test('calls a bug a bug, and shows its stack only when asked to', () => {
  const bug = new TypeError('x is undefined');
  const quiet = report(bug, false);
  expect(quiet.exitCode).toBe(5);
  expect(quiet.text).toContain('a bug in drover or in the runbook: x is undefined');
  expect(quiet.text).toContain('DROVER_DEBUG=1');
  expect(quiet.text).not.toContain('report.test');
  expect(report(bug, true).text).toContain('report.test');
  expect(report('a text', true)).toMatchObject({ exitCode: 5 });
});

test('shows the stack of an expected error only when asked to', () => {
  expect(report(new UsageError('x'), true).text).toContain('report.test');
});
