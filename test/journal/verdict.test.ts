import { describe, expect, test } from 'vitest';
import type { NewEvent } from '../../src/core/event.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { asWritten, readEvent } from '../../src/journal/records.ts';

const verdicts: readonly Verdict[] = [
  { verdict: 'rebooted-at-new', address: 'b' },
  { verdict: 'rebooted-at-old', address: 'a', wished: 'b' },
  { verdict: 'not-rebooted', address: 'a' },
  { verdict: 'another-machine', address: 'b', message: 'it is not' },
  { verdict: 'nobody', addresses: ['a', 'b'] },
];
const next = { waits: 'reboot', person: ['look'], drover: [{ does: 'tries', until: 2 }, { does: 'then', from: 3 }, { does: 'waits' }] };

describe('a verdict in the journal', () => {
  test.each(verdicts)('is read back as it was written: $verdict', (verdict) => {
    const event: NewEvent = {
      type: 'node.verdict',
      step: 'reboot',
      verdict,
      waits: 'reboot',
      failsAt: 1,
      otherwise: 'stays',
      asked: false,
      next,
    };
    expect(asWritten(event, 'here').event).toEqual(event);
    expect(asWritten({ ...event, next: { ...next, waits: null } }, 'here').event).toMatchObject({ next: { waits: null } });
  });

  test('is not in the records of older versions, which are read all the same', () => {
    const old = { type: 'guard.reverted', step: 'reboot', why: 'w', reverts: 1, reopens: [], waitsFor: 'x' };
    expect(readEvent(JSON.stringify(old), 'here')).toEqual(old);
    const verified = { type: 'step.verified', step: 'reboot', after: null, verdict: 'rebooted, answers at b' };
    expect(readEvent(JSON.stringify(verified), 'here')).toEqual(verified);
  });
});
