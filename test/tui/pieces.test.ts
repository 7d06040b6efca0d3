import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { nodeSet } from '../../src/tui/node-set.ts';
import { evidence } from '../../src/tui/view/evidence.ts';
import { signs, squeeze } from '../../src/tui/view/signs.ts';
import { cells, clean, cut, fill, fillLeft, fit, spread, withoutLast, wrap } from '../../src/tui/view/text.ts';
import { age, bound } from '../../src/tui/view/time.ts';
import { twoWindows, windowOn } from '../../src/tui/window.ts';

test.each([
  ['one name', ['runner-1'], 'runner-1'],
  ['neighbours', ['runner-1', 'runner-2', 'runner-3'], 'runner-[1-3]'],
  ['gaps', ['runner-01', 'runner-02', 'runner-04'], 'runner-[01-02,04]'],
  ['a width that is kept', ['runner-08', 'runner-09', 'runner-10', 'runner-11'], 'runner-[08-11]'],
  ['no width to keep', ['n8', 'n9', 'n10'], 'n[8-10]'],
  ['numbers that only look alike', ['n1', 'n01'], 'n1,n01'],
  ['any order', ['n3', 'n1', 'n2'], 'n[1-3]'],
  ['domains', ['a1.x.org', 'a2.x.org', 'b1.x.org'], 'a[1-2].x.org,b1.x.org'],
  ['names without numbers', ['db', 'web'], 'db,web'],
  ['none', [], ''],
] as const)('writes many names as one: %s', (_what, names, set) => expect(nodeSet(names)).toBe(set));

describe('texts', () => {
  test('are measured in cells: wide characters count two, marks none', () => {
    expect([cells('abc'), cells('節点'), cells('e\u0301'), cells('🙂'), cells('■▣□⊘×↶⏸…')]).toEqual([3, 4, 1, 2, 8]);
  });
  test('are cut right and never in the middle of a character', () => {
    expect([cut('runner', 6), cut('runner', 5), cut('節点東京', 5), cut('節点東京', 4), cut('x', 0)]).toEqual([
      'runner',
      'runn…',
      '節点…',
      '節…',
      '',
    ]);
    for (const text of ['節点-東京-一', 'a節b点c', '👩‍👩‍👧 family', 'plain'])
      for (let width = 0; width < 14; width += 1) expect(cells(cut(text, width))).toBeLessThanOrEqual(width);
  });
  test('are filled up to their column', () => {
    expect([fill('節', 4), fillLeft('7m', 4), fill('runner', 4)]).toEqual(['節  ', '  7m', 'run…']);
  });
  test('are broken between words, and cut after the last line', () => {
    expect(wrap('move the VM of runner-1 there', 11, 9)).toEqual(['move the VM', 'of runner-1', 'there']);
    expect(wrap('move the VM of runner-1 there', 11, 2)).toEqual(['move the VM', 'of runner-…']);
    expect(wrap('averyveryverylongword', 8, 9)).toEqual(['averyver', 'yverylon', 'gword']);
    expect(wrap('', 8, 9)).toEqual([]);
  });
  test('from nodes have nothing in them that a terminal acts on, or that turns the direction of writing', () => {
    expect(clean('a\u001b[2Jb\tc\r\nd\u202Ee\u0007')).toBe('ab c de');
  });
  test('lose what was typed last, as a person counts characters', () => {
    expect([withoutLast('ab'), withoutLast('ae\u0301'), withoutLast('x👩‍👩‍👧'), withoutLast('')]).toEqual(['a', 'a', 'x', '']);
  });
});

describe('lines', () => {
  const text = (line: ReturnType<typeof fit>): string => line.map((one) => one.text).join('');
  test('fit the terminal: what does not is cut with a sign that it goes on', () => {
    expect(text(fit([{ text: 'abc' }, { text: 'def' }], 6))).toBe('abcdef');
    expect(text(fit([{ text: 'abc' }, { text: 'def' }], 5))).toBe('abcd…');
    expect(text(fit([{ text: 'abc' }, { text: 'def' }], 3))).toBe('ab…');
    expect(text(fit([{ text: 'abc' }, { text: '' }], 3))).toBe('abc');
  });
  test('have their right part at the right end, as far as there is room', () => {
    expect(text(spread([{ text: 'left' }], [{ text: 'right end' }], 20))).toBe('left       right end');
    expect(text(spread([{ text: 'left' }], [{ text: 'right end' }], 14))).toBe('left  right e…');
    expect(text(spread([{ text: 'left' }], [{ text: 'right end' }], 10))).toBe('left');
  });
});

test('squeezes a strip so that what matters stays in sight', () => {
  expect(squeeze('■■■■▣□□□', 8)).toBe('■■■■▣□□□');
  expect(squeeze('■■■■▣□□□', 4)).toBe('■■▣□');
  for (const sign of [signs.failed, signs.waits, signs.unknown]) expect(squeeze(`■■■■■${sign}□□□□□□`, 3)).toContain(sign);
  expect(squeeze('⊘⊘■■', 2)).toBe('⊘■');
});

test('tells durations in whole seconds, and bounds as they were written', () => {
  expect([0, 59_999, 60_000, 3_599_000, 7_500_000, 200_000_000].map(age)).toEqual(['0s', '59s', '1m00s', '59m59s', '2h05m', '2d07h']);
  expect([500, 90_000, 1_800_000, 86_400_000, 3_660_000].map(bound)).toEqual(['500ms', '1m30s', '30m', '24h', '1h01m']);
});

describe('evidence', () => {
  const state = (before: Json, after: Json) => ({ phase: 'verified', before, after, attempt: 1, appliedInThisPlan: true }) as const;
  test.each([
    ['only what became different', { active: 'active', enabled: true }, { active: 'inactive', enabled: true }, 'active active → inactive'],
    [
      'what is deep inside',
      { file: { is: 'absent' } },
      { file: { is: 'file', mode: '0644' } },
      'file.is absent → file, file.mode none → 0644',
    ],
    ['lists as one', { modules: [] }, { modules: ['a', 'b'] }, 'modules none → a, b'],
    ['boot ids short', '11111111-2222-3333-4444-555555555555', '99999999-2222-3333-4444-555555555555', '1111… → 9999…'],
    ['that nothing did', { a: 1 }, { a: 1 }, 'as before: a 1'],
  ] as const)('tells %s', (_what, before, after, words) => expect(evidence(state(before, after), true)).toBe(words));
  test('of a gate is what was seen, and before the end what was there', () => {
    expect(evidence(state({ a: 1 }, { a: 2 }), false)).toBe('a 2');
    expect(evidence({ ...state({ a: 1 }, null), phase: 'started' }, true)).toBe('was: a 1');
    expect(evidence({ ...state({ a: 1 }, null), phase: 'failed' }, false)).toBe('');
  });
});

describe('windows', () => {
  test('scroll just so far that the cursor is in sight, and never past the end', () => {
    expect(windowOn(100, 10, 0, 0)).toEqual({ from: 0, to: 10 });
    expect(windowOn(100, 10, 0, 10)).toEqual({ from: 1, to: 11 });
    expect(windowOn(100, 10, 50, 45)).toEqual({ from: 45, to: 55 });
    expect(windowOn(100, 10, 99, undefined)).toEqual({ from: 90, to: 100 });
    expect(windowOn(3, 10, 5, 2)).toEqual({ from: 0, to: 3 });
    expect(windowOn(0, 10, 0, 0)).toEqual({ from: 0, to: 0 });
  });
  test('keep what is pinned in sight while the others scroll, with at most half of the room when both want it', () => {
    expect(twoWindows({ pinned: 2, count: 100 }, 10, 0, 99)).toEqual({ pinned: { from: 0, to: 2 }, rest: { from: 92, to: 100 } });
    expect(twoWindows({ pinned: 50, count: 100 }, 10, 0, 99)).toEqual({ pinned: { from: 0, to: 5 }, rest: { from: 95, to: 100 } });
    expect(twoWindows({ pinned: 50, count: 100 }, 10, 0, 49)).toEqual({ pinned: { from: 45, to: 50 }, rest: { from: 50, to: 55 } });
    expect(twoWindows({ pinned: 50, count: 51 }, 10, 0, 0)).toEqual({ pinned: { from: 0, to: 9 }, rest: { from: 50, to: 51 } });
  });
});
