import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { control } from '../../src/core/command.ts';
import { controlChannel } from '../../src/channels/control.ts';
import { eventually } from '../eventually.ts';
import { isAlive, program, text } from './ssh/shell.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-control-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const within = (timeoutMs = 10_000, signal = new AbortController().signal) => ({ timeoutMs, signal });
const channel = controlChannel({ env: { PATH: process.env['PATH'] ?? '', GREETING: 'hi' } });

describe('the control channel', () => {
  test('passes words as they are, the environment it was given and standard input', async () => {
    program(folder, 'show', 'for word; do printf "<%s>" "$word"; done; cat; echo "$GREETING $HOME" >&2; exit 3');
    const words = ["it's", '$(echo no) `no`', 'a  b', '', '-x', '*', 'new\nline', '\\'];
    const lines: string[] = [];
    const result = await channel.run(
      { ...control([join(folder, 'show'), ...words]), stdin: 'in\nput' },
      { ...within(), onLine: (line) => lines.push(line) },
    );
    expect(result).toMatchObject({ exitCode: 3, stdout: `${words.map((word) => `<${word}>`).join('')}in\nput`, stderr: 'hi \n' });
    expect(lines.toSorted()).toEqual(['hi ', "<it's><$(echo no) `no`><a  b><><-x><*><new", 'line><\\>in', 'put'].toSorted());
  });

  test('tells a program that is not there, and one that a signal ended', async () => {
    const missing = await channel.run(control(['drover-no-such-program', 'x']), within());
    expect(missing.exitCode).toBe(127);
    expect(missing.stderr).toMatch(/^drover-no-such-program was not found on the controller; install it there, or put it into PATH\n/);
    program(folder, 'suicide', 'kill -9 $$');
    expect((await channel.run(control([join(folder, 'suicide')]), within())).exitCode).toBe(137);
  });

  test.each(['timeout', 'abort'])('ends the program and all that it started at a(n) %s', async (how) => {
    const pids = join(folder, `pids-${how}`);
    program(folder, 'tree', `sleep 300 & echo $$ $! >${pids}; trap '' TERM; wait; sleep 300`);
    const stop = new AbortController();
    const run = channel.run(control([join(folder, 'tree')]), within(how === 'timeout' ? 400 : 60_000, stop.signal)).then(
      () => undefined,
      (error: unknown) => error,
    );
    const [parent = 0, child = 0] = await eventually('the program starts', () => text(pids)?.trim().split(' ').map(Number));
    if (how === 'abort') stop.abort();
    const error = await run;
    if (how === 'abort') expect(error).toMatchObject({ name: 'CancelledError' });
    else
      expect(error).toMatchObject({
        name: 'CommandError',
        transient: true,
        message: expect.stringContaining('did not end within 0.4 s and was ended'),
      });
    expect([isAlive(parent), isAlive(child)]).toEqual([false, false]);
  });

  test('starts nothing for no words or after a cancellation', async () => {
    await expect(channel.run(control([]), within())).rejects.toMatchObject({ name: 'UsageError' });
    await expect(channel.run(control(['true']), within(1000, AbortSignal.abort()))).rejects.toMatchObject({ name: 'CancelledError' });
  });

  test('shows hidden words as stars in what it throws', async () => {
    const hidden = control(['sleep', '300'], ['300']);
    await expect(channel.run(hidden, within(100))).rejects.toThrow('sleep *** on the controller did not end');
  });
});
