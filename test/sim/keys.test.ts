import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { makeUserKey } from '../../src/sim/keys.ts';

test('makes keys that can be read, every one of a thousand', () => {
  const unreadable = Array.from({ length: 1000 }, makeUserKey).filter((pair) =>
    [pair.private, pair.public].some((text) => ssh2.utils.parseKey(text) instanceof Error),
  );
  expect(unreadable).toEqual([]);
});
