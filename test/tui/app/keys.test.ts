import type { Key as InkKey } from 'ink';
import { expect, test } from 'vitest';
import { keysOf, pastedKeys } from '../../../src/tui/app/keys.ts';

const none: InkKey = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
  super: false,
  hyper: false,
  capsLock: false,
  numLock: false,
};
const names = (input: string, key: Partial<InkKey> = {}) => keysOf(input, { ...none, ...key }).map(({ name }) => name);

test('names keys by what they are called', () => {
  expect(names('', { upArrow: true })).toEqual(['up']);
  expect(names('', { return: true })).toEqual(['enter']);
  expect(names('', { tab: true, shift: true })).toEqual(['shift+tab']);
  expect(names('c', { ctrl: true })).toEqual(['ctrl+c']);
  expect(names('G', { shift: true })).toEqual(['G']);
  expect(keysOf(' ', none)).toEqual([{ name: 'space', text: ' ' }]);
});

test('takes keys apart that came at once, the control characters among them', () => {
  expect(names('jjG')).toEqual(['j', 'j', 'G']);
  expect(names('/web\r')).toEqual(['/', 'w', 'e', 'b', 'enter']);
  expect(names('q\u0004')).toEqual(['q', 'ctrl+d']);
});

test('hears escape and the key behind it, which a terminal cannot tell from alt', () => {
  expect(names('q', { meta: true })).toEqual(['escape', 'q']);
  expect(names('', { meta: true, escape: true })).toEqual(['escape', 'escape']);
  expect(names('', { meta: true, return: true })).toEqual(['escape', 'enter']);
});

test('hears nothing where a key is let go', () => {
  expect(names('x', { eventType: 'release' })).toEqual([]);
});

test('types what is pasted on one line, so that a line break in it confirms nothing', () => {
  expect(
    pastedKeys('runner-1\r\nrunner-2\n')
      .map(({ text }) => text)
      .join(''),
  ).toBe('runner-1 runner-2');
  expect(pastedKeys('a\u001b[31mb').some(({ name }) => name === 'escape')).toBe(false);
});
