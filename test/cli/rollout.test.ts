import { describe, expect, test } from 'vitest';
import { lengthOfTime, rolloutOf, share } from '../../src/cli/rollout-flags.ts';
import { rolloutLines } from '../../src/words/rollout.ts';
import type { Node } from '../../src/core/node.ts';
import type { Rollout } from '../../src/core/rollout.ts';

const nodes = (count: number): Node[] =>
  Array.from({ length: count }, (_, index) => ({ name: `n${index + 1}`, addresses: [], labels: { esxi: 'a' }, vars: {} }));
const runbook: Rollout = { canary: 2, soak: '5m', maxUnavailable: 2, maxFailures: 1 };

describe('the rollout of a run', () => {
  test('is the runbook’s, with as many canaries as there are nodes at most', () => {
    expect(rolloutOf(runbook, {}, nodes(3))).toEqual(runbook);
    expect(rolloutOf(runbook, {}, nodes(1))).toEqual({ ...runbook, canary: 1 });
  });

  test('is what the operator says instead, one setting at a time', () => {
    expect(rolloutOf(runbook, { canary: 0, maxUnavailable: '50%', spread: 'esxi' }, nodes(3))).toEqual({
      ...runbook,
      canary: 0,
      maxUnavailable: '50%',
      spread: 'esxi',
    });
    expect(rolloutOf(runbook, { maxFailures: 0, soak: '10s' }, nodes(3))).toEqual({ ...runbook, maxFailures: 0, soak: '10s' });
  });

  test('is refused where it makes no sense for these nodes', () => {
    expect(() => rolloutOf(runbook, { canary: 4 }, nodes(3))).toThrow('canary is 4; the run has only 3 nodes');
    expect(() => rolloutOf(runbook, { spread: 'rack' }, nodes(1))).toThrow('spread is rack; n1 has no such label');
    for (const text of ['0', '-1', '1.5', '0%', '101%', 'all', '']) expect(() => share(text)).toThrow('at least 1 is meant');
    expect([share('3'), share('12.5%'), share('100%')]).toEqual([3, '12.5%', '100%']);
    expect(() => lengthOfTime('5')).toThrow('90s, 5m, 1h');
  });

  test.each([
    [1, {}, []],
    [
      3,
      {},
      [
        'rollout: first n1, n2, healthy for 5m00s; then at most 2 of 3 at once: n3',
        '         nothing new begins after more than 1 failure',
      ],
    ],
    [
      4,
      { canary: 0, maxUnavailable: '25%', maxFailures: 0, spread: 'esxi' },
      ['rollout: one after another (25%), never two with the same esxi: n1, n2, n3, n4', '         nothing new begins after a failure'],
    ],
    [
      30,
      { canary: 1, soak: '0s', maxFailures: 2 },
      [
        'rollout: first n1; then at most 2 of 30 at once: n2, n3, n4, n5, n6, n7, n8, n9, n10, n11 and 19 more',
        '         nothing new begins after more than 2 failures',
      ],
    ],
  ] as const)('is told in two lines for %i nodes', (count, flags, lines) => {
    expect(rolloutLines({ nodes: nodes(count), rollout: rolloutOf(runbook, flags, nodes(count)) })).toEqual(lines);
  });
});
