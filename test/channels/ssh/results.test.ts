import { describe, expect, test } from 'vitest';
import { resultReader } from '../../../src/channels/ssh/results.ts';
import { maskOf } from '../../../src/channels/ssh/secrets.ts';
import { parseProbe } from '../../../src/channels/ssh/identity.ts';
import { callScript } from '../../../src/channels/ssh/script.ts';

const N = 'abcdef0123456789';
const run = (out: Buffer, err: Buffer, size: number, capBytes = 1000) => {
  const lines: string[] = [];
  const done: string[] = [];
  const reader = resultReader(N, {
    capBytes,
    onLine: (index, line) => lines.push(`${index}:${line}`),
    onDone: (index) => done.push(index),
  });
  for (let at = 0; at < out.length; at += size) reader.stdout(out.subarray(at, at + size));
  for (let at = 0; at < err.length; at += size) reader.stderr(err.subarray(at, at + size));
  return { ...reader.results(), lines, finished: done };
};
const tricky = Buffer.concat([Buffer.from(`\n${N}`), Buffer.from([255, 0, 10]), Buffer.from(`\n\n${N.slice(0, 5)}\nlast`)]);
const out = Buffer.concat([
  Buffer.from(`Welcome!\n\n${N} begin guarded 10.00\n`),
  tricky,
  Buffer.from(`\n${N} end guarded 7 10.25\n\n${N} begin 0 10.30\n\n${N} end 0 0 10.30\n`),
]);
const err = Buffer.from(`\n${N} begin guarded 10.00\nbad\n\n${N} end guarded 7 10.25\n\n${N} begin 0 10.30\nx\n${N} end 0 0 10.30\n`);

describe('the reader of results', () => {
  test.each([1, 2, 3, 7, 16, 10_000])('keeps every byte, in chunks of %s', (size) => {
    const read = run(out, err, size);
    expect(read.done.get('guarded')).toEqual({
      exitCode: 7,
      stdout: tricky.toString('utf8'),
      stderr: 'bad\n',
      durationMs: 250,
      cut: false,
    });
    expect(read.done.get('0')).toEqual({ exitCode: 0, stdout: '', stderr: 'x', durationMs: 0, cut: false });
    expect(read.finished).toEqual(['guarded', '0']);
    expect(read.lines.filter((line) => line.endsWith('bad') || line.endsWith(':x') || line.endsWith('last'))).toEqual([
      'guarded:last',
      'guarded:bad',
      '0:x',
    ]);
    expect(read.lines.join()).not.toMatch(/begin|end |Welcome/);
    expect(read.lines).toEqual(run(out, err, 10_000).lines);
  });

  test('hands a line out when it ends, not only when the next one comes', () => {
    const lines: string[] = [];
    const reader = resultReader(N, { capBytes: 1000, onLine: (_, line) => lines.push(line), onDone: () => undefined });
    reader.stdout(Buffer.from(`\n${N} begin guarded 10.00\none`));
    expect(lines).toEqual([]);
    reader.stdout(Buffer.from('\n'));
    expect(lines).toEqual(['one']);
    reader.stdout(Buffer.from('\ntwo\n'));
    expect(lines).toEqual(['one', '', 'two']);
    reader.stdout(Buffer.from(`three\n${N} end guarded 0 10.25\n`));
    expect(lines).toEqual(['one', '', 'two', 'three']);
  });

  test('gives no result for what is cut off at any byte', () => {
    const guardedEnds = out.indexOf('end guarded') + 'end guarded 7 10.25\n'.length;
    for (let length = 0; length <= out.length; length += 1) {
      const read = run(out.subarray(0, length), err, 50);
      expect(read.done.has('guarded')).toBe(length >= guardedEnds);
      expect(read.done.has('0')).toBe(length === out.length);
    }
    expect(run(out, err.subarray(0, -1), 50).done.has('0')).toBe(false);
  });

  test('reads a refusal with its words', () => {
    for (const [code, why] of [
      ['90', 'absent'],
      ['91', 'fence'],
      ['92', 'lock'],
      ['94', 'machine'],
      ['95', 'boot'],
      ['96', 'state'],
    ]) {
      expect(run(Buffer.from(`\n${N} refused ${code} a few words\n`), Buffer.alloc(0), 5).refused).toEqual({
        kind: 'refused',
        why,
        detail: 'a few words',
      });
    }
  });

  test('keeps no more than the cap, and says so, for each stream and result anew', () => {
    const read = run(out, err, 4, 10);
    expect(read.done.get('guarded')).toMatchObject({ cut: true, stderr: 'bad\n' });
    expect(read.done.get('guarded')?.stdout.length).toBeLessThanOrEqual(10);
    expect(read.done.get('0')).toMatchObject({ cut: false, stderr: 'x' });
  });
});

describe('masking', () => {
  test('replaces the longest secret first, lines of a long one too, and nothing for an empty one', () => {
    expect(maskOf(['ab', 'abc', ''])('abcd ab')).toBe('***d ***');
    expect(maskOf(['BEGIN\nline\nEND'])('x line y')).toBe('x *** y');
    expect(maskOf([])('x')).toBe('x');
  });
});

describe('the probe', () => {
  const id = '0123456789abcdef0123456789abcdef';
  const boot = '11111111-2222-3333-4444-555555555555';
  test('finds its lines between a greeting and what cat could not read', () => {
    expect(parseProbe(`Welcome to 12 monkeys\n1000\n${id}\n${boot}\n`)).toEqual({
      root: false,
      machineId: id,
      bootId: boot,
      productUuid: null,
    });
    expect(parseProbe(`0\n${id}\n${boot}\n${boot.toUpperCase().replace('1', 'A')}\n`)).toMatchObject({
      root: true,
      productUuid: boot.replace('1', 'a'),
    });
    expect(parseProbe('')).toEqual({ root: null, machineId: null, bootId: null, productUuid: null });
  });
});

test('a script refuses what no shell can carry', () => {
  expect(() => callScript(N, null, [{ text: 'echo \0', stdin: '', durable: false, secrets: {} }])).toThrow('NUL byte');
});
