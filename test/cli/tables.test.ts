import { expect, test } from 'vitest';
import { findingLines, missing, ok, warning } from '../../src/cli/finding.ts';
import { historyLines } from '../../src/cli/history.ts';
import { nodeTable } from '../../src/cli/node-table.ts';
import { newLines, nothingPrinted, showOutput } from '../../src/cli/output-lines.ts';
import { runTable } from '../../src/cli/run-table.ts';
import { todos } from '../../src/words/todo.ts';
import { isOlder, isOver } from '../../src/cli/traces.ts';
import { type NodeEvent, type RunSpec, noSshSettings } from '../../src/core/event.ts';
import { fold } from '../../src/core/reduce.ts';

const start = Date.UTC(2026, 10, 21, 12, 0, 0);
const node = (name: string) => ({ name, addresses: ['10.0.0.1'], labels: { role: 'ci' }, vars: {} });
const spec: RunSpec = {
  runbook: '/srv/fleet/runbooks/hello.ts',
  version: 1,
  params: {},
  nodes: [node('runner-1'), node('runner-2')],
  onFailure: 'pause',
  rollout: { canary: 1, soak: '5m', maxUnavailable: '50%', maxFailures: 0 },
  cluster: { context: null },
  ssh: noSshSettings,
};
const run: readonly NodeEvent[] = [{ type: 'run.started', spec, by: 'ops', seq: 1, at: start }];
const failed: readonly NodeEvent[] = [
  { type: 'plan.started', plan: 'forward', fingerprint: 'f', outline: [], reset: [], by: 'ops', seq: 1, at: start + 1000 },
  {
    type: 'step.failed',
    step: 'reboot',
    unmet: ['nobody answers'],
    error: { name: 'UnmetError', message: 'x', transient: false },
    seq: 2,
    at: start + 2000,
  },
  { type: 'node.finished', outcome: 'failed', seq: 3, at: start + 3000 },
];
const halted: readonly NodeEvent[] = [...run, { type: 'run.halted', why: 'blocked by runner-1', seq: 2, at: start + 4000 }];

test('lists runs with how they stand, and how many nodes stand how', () => {
  const nodes = { 'runner-1': fold(failed), 'runner-2': fold([]) };
  const lines = runTable([{ runId: '7f3k2p', spec, run: fold(halted), nodes }], start + 65_000, 'UTC');
  expect(lines).toEqual([
    'RUN     RUNBOOK   STARTED           TOOK   STANDS  NODES',
    '7f3k2p  hello.ts  2026-11-21 12:00  1m05s  halted  1 failed, 1 pending',
  ]);
});

test('shows a run node by node, and what is to be done now only at the end', () => {
  const streams = [
    { stream: '@run', events: halted },
    { stream: 'runner-1', events: failed },
    { stream: 'runner-2', events: [] },
  ];
  const lines = historyLines('7f3k2p', spec, streams, { timeZone: 'UTC', now: start });
  expect(lines.slice(0, 11)).toEqual([
    'rollout: first runner-1, healthy for 5m00s; then one after another (50%): runner-2',
    '         nothing new begins after a failure',
    '12:00:00 @run      ▶ /srv/fleet/runbooks/hello.ts on 2 nodes: runner-1, runner-2 (by ops)',
    '12:00:04 @run      ⏸ halted: blocked by runner-1',
    '',
    '12:00:01 runner-1  ▶ starts: 0 steps',
    '12:00:02 runner-1  reboot  ✗ failed: nobody answers',
    '12:00:03 runner-1  ✗ failed after 2.0s',
    '',
    'runner-2: nothing was done yet',
    '',
  ]);
  expect(lines.at(-2)).toBe('run 7f3k2p: 2 nodes: 1 failed (runner-1), 1 pending (runner-2)');
  expect(lines.at(-1)).toMatch(/^→ runner-1 failed at reboot: mend it, then drover replay 7f3k2p runner-1/);
});

test('says that the inventory is out of date when a node answered elsewhere', () => {
  const identity = { hostKey: 'SHA256:abc', machineId: '4c4c', productUuid: null };
  const lines = nodeTable(
    [
      { node: node('runner-1'), addresses: ['10.0.1.1', '10.0.0.1'], identity, taken: 'run 7f3k2p, by ops' },
      { node: node('runner-2'), addresses: [], identity: null, taken: null },
    ],
    'fleet.yaml',
  );
  expect(lines).toEqual([
    'NODE      ADDRESS   LABELS   ANSWERED AT  MACHINE  TAKEN BY',
    'runner-1  10.0.0.1  role=ci  10.0.1.1     4c4c     run 7f3k2p, by ops',
    'runner-2  10.0.0.1  role=ci  -            -        -',
    '! fleet.yaml is out of date: runner-1 answers at 10.0.1.1, the file has 10.0.0.1',
  ]);
});

test('prints each line of output once, also when several come in one millisecond and old ones fall out', () => {
  const line = (at: number, text: string) => ({ at, step: 'reboot', line: text });
  const first = newLines([line(1, 'a'), line(2, 'b')], nothingPrinted);
  expect(first.fresh.map(({ line: text }) => text)).toEqual(['a', 'b']);
  const second = newLines([line(2, 'b'), line(2, 'c'), line(3, 'd')], first.printed);
  expect(second.fresh.map(({ line: text }) => text)).toEqual(['c', 'd']);
  expect(newLines([line(3, 'd')], second.printed).fresh).toEqual([]);
  expect(newLines([], second.printed).printed).toEqual(second.printed);
  expect(showOutput('runner-1', line(start, 'E: \u001b[31mdisk full\u001b[0m'), 'UTC')).toBe('12:00:00 runner-1  reboot | E: disk full');
});

test('sums up what the doctor found', () => {
  expect(findingLines([ok('node', 'Node 24'), warning('redis', 'appendfsync is everysec'), missing('runner-1', 'nobody answers')])).toEqual(
    ['✓ node      Node 24', '! redis     appendfsync is everysec', '✗ runner-1  nobody answers', '', '1 missing (✗), 1 to look at (!)'],
  );
  expect(findingLines([ok('node', 'Node 24')]).at(-1)).toBe('all is well');
});

test('tells a person what to do for each way to wait', () => {
  const parked = (waitsFor: string, clears: 'by-itself' | 'by-word'): NodeEvent => ({
    type: 'node.parked',
    waitsFor,
    clears,
    seq: 4,
    at: start,
  });
  const began = failed.slice(0, 1);
  expect(todos('r', { n: fold([...began, parked('the API is away', 'by-itself')]) }, { now: start })).toEqual([
    'n waits and goes on by itself: the API is away',
  ]);
  expect(todos('r', { n: fold([...began, parked('past the point of no return', 'by-word')]) }, { now: start })).toEqual([
    'n waits for you: past the point of no return; then drover resume r n',
  ]);
  expect(
    todos(
      'r',
      { n: fold([...began, { type: 'step.asked', step: 'approval:go', instructions: 'go?', seq: 2, at: start }]) },
      { now: start },
    ),
  ).toEqual(['n waits for your yes: go?; drover approve r approval:go n']);
  expect(todos('r', { '@run': fold(halted) }, { now: start })).toEqual(['the run is halted: blocked by runner-1; drover show r']);
  expect(todos('r', { n: fold(began) }, { now: start })).toEqual([]);
});

test('forgets nothing that a run may still need to go back', () => {
  const lastAt = start;
  expect(isOver(undefined)).toBe(true);
  expect(isOver({ lastAt })).toBe(false);
  expect(isOver({ outcome: 'failed', lastAt })).toBe(false);
  expect(isOver({ outcome: 'cancelled', lastAt })).toBe(false);
  expect(isOver({ outcome: 'rolled-back', lastAt })).toBe(true);
  expect(isOver({ outcome: 'failed', runOutcome: 'failed', lastAt })).toBe(true);
});

test('takes for older only what a journal says is older', () => {
  expect(isOlder({ lastAt: start }, start + 1)).toBe(true);
  expect(isOlder({ lastAt: start }, start)).toBe(false);
  expect(isOlder(undefined, start)).toBe(false);
});
