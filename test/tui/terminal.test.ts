import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { eventually } from '../eventually.ts';
import { type Operator, operator } from '../e2e/drover.ts';
import { cells } from '../../src/tui/view/text.ts';
import { isAlive, paneOf } from './pane.ts';
import { breakFeed, putRun } from './recorded.ts';
import { type Pane, provideTmux } from './tmux.ts';

// the journal of a real run (see record.ts): `ended` is all of it, `half` has nobody who works on it
const HALF = 150;
// a machine that is busy with other tests takes its time
vi.setConfig({ testTimeout: 60_000 });
let anna: Operator;
beforeAll(async () => {
  provideTmux();
  anna = operator(undefined);
  await putRun(anna.stateDir, 'ended');
  await putRun(anna.stateDir, 'half', HALF);
  await putRun(anna.stateDir, 'broken', HALF);
}, 120_000);
afterAll(async () => anna[Symbol.asyncDispose]());

const FLEET = /\? keys/;
const opened = async (run: string, options: Parameters<typeof paneOf>[2] = {}): Promise<Pane> => {
  const pane = await paneOf(anna, undefined, options);
  await pane.line(`modes=$(stty -g); echo was here; drover watch ${run}`);
  await pane.shows(FLEET);
  return pane;
};
/** The terminal is the shell's again: its screen, its cursor, its keys echoed and its lines read. */
const isRestored = async (pane: Pane): Promise<void> => {
  await pane.line('[ "$modes" = "$(stty -g)" ]; echo modes-$?');
  const seen = await pane.shows(/^modes-0/m);
  expect(seen).toMatch(/was here/);
  expect(await pane.modes()).toEqual({ alternate: false, cursor: true });
};
const pidOf = async (pane: Pane): Promise<number> => {
  const shell = await pane.shellPid();
  return eventually('drover runs in the shell', async () => {
    const { readFileSync } = await import('node:fs');
    return Number(readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim().split(' ').at(-1)) || undefined;
  });
};

describe('the screen on a real terminal', () => {
  test('opens an ended run at its end, ends with the exit code of the run, and gives the terminal back', async () => {
    await using pane = await opened('ended');
    expect(await pane.screen()).toMatch(/rolled back/);
    expect(await pane.modes()).toEqual({ alternate: true, cursor: false });
    await pane.press('q');
    await pane.shows(/run ended: 8 nodes: 1 rolled-back \(runner-02\), 7 succeeded/);
    await pane.line('echo rc=$?');
    await pane.shows(/rc=3/);
    await isRestored(pane);
  });

  test('hears each key', async () => {
    await using pane = await opened('half', { columns: 100, rows: 30 });
    // each pattern is true only after its keys
    const steps: readonly (readonly [keys: readonly string[], shows: RegExp])[] = [
      [['?'], /any other key goes back/],
      [['Escape'], FLEET],
      [['/'], /filter/],
      [['0', '3', 'Enter'], /^(?![^]*runner-04)[^]*runner-03/],
      [['Escape'], /runner-04/],
      [['s'], /sorted by name/],
      [['z'], /all groups are folded/],
      [['z'], /nothing is folded/],
      [['G'], /› . runner-08/],
      [['g'], /› . runner-02/],
      [['j'], /› . runner-03/],
      [['k'], /› . runner-02/],
      [['Down'], /› . runner-03/],
      [['Up'], /› . runner-02/],
      [['Enter'], /^. runner-02 .*waiting for you/],
      [[']'], /^. runner-03 /],
      [['['], /^. runner-02 /],
      [['G'], /› . uncordon/],
      [['Tab'], /tab steps/],
      [['Escape'], FLEET],
      [['n'], /› . runner-03/],
      [['p'], /Pause runner-03\?/],
      [['n'], /nothing was said/],
      [['b'], /Roll runner-03 back\?[^]*/],
      [['Escape'], /nothing was said|s sort/],
      [['x'], /Cancel runner-03\?/],
      [['n'], /nothing was said/],
      [['P'], /Pause the run\?|Resume the run\?/],
      [['n'], /nothing was said/],
      [['X'], /Cancel the whole run\?/],
      [['n'], /nothing was said/],
      [['w'], /w is no key here/],
      [['q'], /Leave the screen\?/],
      [['y'], /^run half: 8 nodes/m],
    ];
    for (const [keys, shows] of steps) {
      await pane.press(...keys);
      await pane.shows(shows, 5000).catch((error: unknown) => {
        throw new Error(`${keys.join(' ')}: ${String(error)}`);
      });
    }
    await isRestored(pane);
  });

  test('fits every size, also while it changes', async () => {
    await using pane = await opened('half');
    for (const [columns, rows] of [
      [40, 10],
      [200, 60],
      [80, 24],
      [41, 11],
    ] as const) {
      await pane.resize(columns, rows);
      const lines = (await pane.shows(new RegExp(`^(?:.*\\n){${rows}}$`))).replace(/\n$/, '').split('\n');
      expect(lines).toHaveLength(rows);
      const seen = await eventually(`a whole frame at ${columns} by ${rows}`, async () => {
        const now = (await pane.screen()).replace(/\n$/, '').split('\n');
        return now.at(-1)?.includes('keys') && /drover|half/.test(now[0] ?? '') ? now : undefined;
      });
      expect(Math.max(...seen.map((line) => cells(line)))).toBeLessThanOrEqual(columns);
    }
    await pane.resize(100, 30);
    await pane.press('C-c', 'C-c');
    await pane.shows(/^run half: 8 nodes/m);
    await isRestored(pane);
  });

  test('asks at the first Ctrl-C and leaves at the second; the exit code says that the run has not ended', async () => {
    await using pane = await opened('half');
    await pane.press('C-c');
    await pane.shows(/Leave the screen\?/);
    await pane.press('C-c');
    await pane.shows(/^run half: 8 nodes/m);
    await pane.line('echo rc=$?');
    await pane.shows(/rc=(130|4)/);
    await isRestored(pane);
  });

  test('goes away at Ctrl-Z and comes back at fg, twice, in the size that the terminal has then', async () => {
    await using pane = await opened('ended');
    for (const columns of [90, 120]) {
      await pane.press('C-z');
      await pane.shows(/Stopped/);
      expect(await pane.modes()).toEqual({ alternate: false, cursor: true });
      await pane.resize(columns, 25);
      await pane.line('clear; fg');
      const seen = await pane.shows(FLEET);
      expect(Math.max(...seen.split('\n').map((line) => line.trimEnd().length))).toBeGreaterThan(columns - 20);
      await pane.press('?');
      await pane.shows(/any other key goes back/);
      await pane.press('Escape');
      await pane.shows(FLEET);
    }
    await pane.press('q');
    await pane.shows(/run ended/);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('gives the terminal back at %s', async (signal) => {
    await using pane = await opened('ended');
    process.kill(await pidOf(pane), signal);
    await pane.shows(/^run ended/m);
    await isRestored(pane);
  });

  test('ends when its terminal is closed', async () => {
    const pane = await opened('half');
    const pid = await pidOf(pane);
    await pane[Symbol.asyncDispose]();
    await eventually('drover has ended', () => !isAlive(pid));
  });

  test('ends, and gives the terminal back, when whoever started it is killed', async () => {
    await using pane = await paneOf(anna, undefined);
    await pane.line(`modes=$(stty -g); echo was here; bash -c 'drover watch half; true'`);
    await pane.shows(FLEET);
    const between = await pidOf(pane);
    process.kill(between, 'SIGKILL');
    await eventually('the screen is left', async () => !(await pane.modes()).alternate);
    await pane.shows(/run half: 8 nodes[^]*→ runner-04/);
    // the shell has prompted before, or on the screen that is gone
    await pane.press('Enter');
    await pane.line('echo was here');
    await isRestored(pane);
  });

  test('gives the terminal back when something throws where nobody catches it, and says what', async () => {
    const bug = join(anna.stateDir, 'bug.mjs');
    writeFileSync(bug, `process.on('SIGUSR2', () => { throw new TypeError('a bug of the test'); });\n`);
    await using pane = await opened('half', { env: { NODE_OPTIONS: `--import=${bug}` } });
    process.kill(await pidOf(pane), 'SIGUSR2');
    await pane.shows(/drover: a bug in drover or in the runbook: a bug of the test/);
    await pane.line('echo rc=$?');
    await pane.shows(/rc=5/);
    await isRestored(pane);
  });

  test('leaves when the journal cannot be read any more, and says why', async () => {
    await using pane = await opened('broken');
    await breakFeed(anna.stateDir, 'broken');
    await pane.shows(/drover: run broken, runner-01: event 9999 is missing/);
    await isRestored(pane);
  });

  test('plays history again, as fast as it is told', async () => {
    await using pane = await paneOf(anna, undefined, { columns: 120 });
    await pane.line('drover watch ended --replay --speed 1');
    await pane.shows(/history/);
    await pane.press('t');
    await pane.shows(/stopped|paused|stands/);
    await pane.press('.', '.', '.');
    await pane.press('q');
    await pane.shows(/run ended/);
  });
});

describe('without a screen', () => {
  const lines = /runner-01 +.*✓/;
  test.each([
    ['--plain', 'drover watch ended --plain | tail -3; echo end-$?'],
    ['a pipe', 'drover watch ended | tail -3; echo end-$?'],
    ['TERM=dumb', 'TERM=dumb drover watch ended | tail -3; echo end-$?'],
  ])('tells plain lines by itself: %s', async (_why, command) => {
    await using pane = await paneOf(anna, undefined, { columns: 150 });
    await pane.line(command);
    expect(await pane.shows(/end-0/)).toMatch(/run ended: 8 nodes/);
    expect(lines.test('runner-01  ✓')).toBe(true);
  });

  test('tells sentences for a program that reads them aloud', async () => {
    await using pane = await paneOf(anna, undefined, { columns: 150 });
    await pane.line('drover watch ended --screen-reader; echo end');
    const seen = await pane.shows(/^end$/m);
    expect(seen).toMatch(/^runner-02, undo\.\S+: verified in .*\.$/m);
    expect(seen).not.toMatch(/[▶✓→⏸]/);
  });

  test('uses no colour where NO_COLOR says so, and shows the same', async () => {
    await using plain = await opened('half', { env: { NO_COLOR: '1' } });
    await using painted = await opened('half');
    // oxlint-disable-next-line no-control-regex -- colours are what is looked for
    const colours = /\u001b\[[\d;]*3[0-7]/;
    expect(await painted.painted()).toMatch(colours);
    expect(await plain.painted()).not.toMatch(colours);
  });
});
