import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Operator, operator } from '../e2e/drover.ts';
import { paneOf } from './pane.ts';
import { provideTmux } from './tmux.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
let anna: Operator;
beforeAll(() => {
  provideTmux();
  anna = operator(undefined);
});
afterAll(async () => anna[Symbol.asyncDispose]());

test('starts the demo, sees it to its end, and is told what comes next; --plain tells one that fails in lines', async () => {
  await using pane = await paneOf(anna, undefined, { columns: 100, rows: 24 });
  await using plain = await paneOf(anna, undefined, { columns: 150, rows: 50 });
  await pane.line('drover demo --nodes 1');
  await plain.line('drover demo --nodes 1 --fault --plain; echo rc=$?');
  await pane.shows(/⏸ runner-1 .*reboot/, 40_000);
  // the process that shows it works on it as well
  expect(await pane.screen()).not.toMatch(/nobody works/);
  await pane.shows(/succeeded after/, 40_000);
  expect((await pane.modes()).alternate).toBe(true);
  await pane.press('q');
  await pane.shows(/1 node: 1 succeeded[^]*The same with your own nodes/);
  const told = await plain.shows(/rc=1/, 60_000);
  expect(told).toMatch(/runner-1 +reboot +⏸ asks a person[^]*iptable_nat is neither loaded nor built in[^]*1 node: 1 failed/);
});
