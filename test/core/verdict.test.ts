import { describe, expect, it } from 'vitest';
import { showVerdict, verdictOf } from '../../src/core/verdict.ts';

const nobody = { address: '10.0.0.1', reason: 'unreachable', message: 'timed out' } as const;

describe('a verdict', () => {
  it.each([
    ['rebooted, answers at 10.0.1.1', { address: '10.0.1.1', bootId: 'b2' }, '10.0.1.1'],
    ['rebooted, answers at 10.0.0.1', { address: '10.0.0.1', bootId: 'b2' }, null],
    [
      'rebooted, but at its old address 10.0.0.1 instead of 10.0.1.1: the configuration did not take',
      { address: '10.0.0.1', bootId: 'b2' },
      '10.0.1.1',
    ],
    ['has not rebooted yet, still answers at 10.0.0.1 on the same boot', { address: '10.0.0.1', bootId: 'b1' }, '10.0.1.1'],
    ['nobody answers at 10.0.0.1 or 10.0.1.1', { attempts: [nobody, { ...nobody, address: '10.0.1.1' }] }, '10.0.1.1'],
    [
      'another machine answers at 10.0.1.1: its host key is SHA256:x',
      { attempts: [nobody, { address: '10.0.1.1', reason: 'host-key', message: 'its host key is SHA256:x' }] },
      '10.0.1.1',
    ],
  ] as const)('says: %s', (words, contact, wished) => {
    expect(showVerdict(verdictOf(contact, 'b1', wished))).toBe(words);
  });
});
