import { describe, expect, test } from 'vitest';
import { identityDiffers } from '../../../src/channels/ssh/identity.ts';

const pin = { hostKey: 'SHA256:x', machineId: 'm1', productUuid: 'AB-1' };

describe('how a machine differs from the pinned one', () => {
  test.each([
    ['m1', 'ab-1', null],
    ['m1', null, null],
    ['m2', 'ab-1', 'another machine answers: its machine-id is m2, not m1'],
    ['m1', 'cd-2', 'another machine answers: its product uuid is cd-2, not AB-1 (a clone with the same machine-id?)'],
  ] as const)('machine-id %s, product uuid %s', (machineId, productUuid, words) => {
    expect(identityDiffers(pin, machineId, productUuid)).toBe(words);
  });

  test('a pin without a product uuid goes by the machine-id', () => {
    expect(identityDiffers({ ...pin, productUuid: null }, 'm1', 'cd-2')).toBeNull();
  });
});
