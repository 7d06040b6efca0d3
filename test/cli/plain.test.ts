import { expect, test } from 'vitest';
import { plainLines, startView } from '../../src/cli/plain.ts';
import { closingLines } from '../../src/cli/summary.ts';
import { ndjsonLine } from '../../src/cli/ndjson.ts';
import { paintFor } from '../../src/words/text.ts';
import type { NewEvent, NodeEvent } from '../../src/core/event.ts';

const outline = [
  { id: 'virtual-machine', kind: 'gate', wish: null },
  { id: 'cordon', kind: 'change', wish: null },
  { id: 'packages:open-vm-tools', kind: 'change', wish: null },
  { id: 'reboot', kind: 'activation', wish: null },
  { id: 'loaded', kind: 'gate', wish: null },
] as const;

const OLD = '3f2a6c1e-0000-4000-8000-000000000001';
const NEW = '9c1e77aa-0000-4000-8000-000000000002';
const start = Date.UTC(2026, 10, 21, 12, 3, 11);

/** Tells events three seconds apart, as a terminal in UTC shows them. */
const tell = (events: readonly (readonly [stream: string, event: NewEvent])[], paint = paintFor({ isTTY: false }, {})) => {
  let view = startView('7f3k2p', ['runner-1', 'runner-2']);
  const seqs: Record<string, number> = {};
  const lines = events.flatMap(([stream, event], index) => {
    const seq = (seqs[stream] ?? 0) + 1;
    seqs[stream] = seq;
    const told = plainLines(view, stream, { ...event, seq, at: start + index * 3000 }, { timeZone: 'UTC', paint });
    view = told.view;
    return told.lines;
  });
  return [...lines, ...closingLines(view, { now: start + events.length * 3000, timeZone: 'UTC' }, paint)].join('\n');
};

const begin = (plan: 'forward' | 'rollback' = 'forward', reset: readonly string[] = []): NewEvent => ({
  type: 'plan.started',
  plan,
  fingerprint: 'f',
  outline,
  reset,
  by: 'ops',
});
const error = { name: 'UnmetError', message: 'runner-2: loaded: iptable_nat is neither loaded nor built in', transient: false };

test('tells a migration so that a tired person understands it', () => {
  const text = tell([
    ['runner-2', begin()],
    [
      'runner-2',
      { type: 'node.identified', identity: { hostKey: 'SHA256:abc', machineId: '4c4c4544aaaa', productUuid: null }, address: '10.77.0.12' },
    ],
    ['runner-2', { type: 'step.verified', step: 'virtual-machine', after: 'kvm' }],
    ['runner-2', { type: 'bracket.opened', bracket: 'disruption:cordon', before: {} }],
    ['runner-2', { type: 'step.skipped', step: 'cordon', state: true }],
    [
      'runner-2',
      {
        type: 'step.started',
        step: 'packages:open-vm-tools',
        attempt: 1,
        before: null,
        unmet: ['open-vm-tools is not installed'],
        bootId: OLD,
      },
    ],
    ['runner-2', { type: 'step.applied', step: 'packages:open-vm-tools', durationMs: 1240, bootId: OLD }],
    ['runner-2', { type: 'step.verified', step: 'packages:open-vm-tools', after: null, bootId: OLD }],
    ['runner-2', { type: 'step.started', step: 'reboot', attempt: 1, before: null, bootId: OLD }],
    ['runner-2', { type: 'step.unknown', step: 'reboot', why: 'the connection ended' }],
    ['runner-2', { type: 'node.addressed', address: '10.77.1.12' }],
    ['runner-2', { type: 'step.verified', step: 'reboot', after: null, bootId: NEW }],
    ['runner-2', { type: 'step.verified', step: 'loaded', after: null, bootId: NEW }],
    ['runner-2', { type: 'node.finished', outcome: 'succeeded' }],
    ['@run', { type: 'run.finished', outcome: 'succeeded' }],
  ]);
  expect(text).toBe(
    `
12:03:11 runner-2  ▶ starts: 5 steps
12:03:14 runner-2  · is at 10.77.0.12: machine 4c4c…, host key SHA256:abc
12:03:17 runner-2  virtual-machine         ✓ holds
12:03:20 runner-2  · has something to change: is taken out of service until that is proven
12:03:23 runner-2  cordon                  – already as wished
12:03:26 runner-2  packages:open-vm-tools  ▶ starts: open-vm-tools is not installed (boot 3f2a…)
12:03:29 runner-2  packages:open-vm-tools  · done in 1.2s, now looks whether it holds
12:03:32 runner-2  packages:open-vm-tools  ✓ verified in 6.0s
12:03:35 runner-2  reboot                  ▶ starts (boot 3f2a…)
12:03:38 runner-2  reboot                  ? cut off, so the outcome is not known: the connection ended; a look decides
12:03:41 runner-2  · answers at 10.77.1.12 now: the same machine
12:03:44 runner-2  reboot                  ✓ verified in 9.0s (boot 3f2a… → 9c1e…)
12:03:47 runner-2  loaded                  ✓ holds
12:03:50 runner-2  ✓ done after 39s
12:03:53 @run      ✓ the run: done
run 7f3k2p: 2 nodes: 1 pending (runner-1), 1 succeeded`.trimStart(),
  );
});

test('says what a person has to do in the last line, and only once', () => {
  const move = 'move the VM runner-2 to the network of 10.77.1.0/24, then start it';
  const text = tell([
    ['runner-2', begin()],
    ['runner-2', { type: 'step.started', step: 'reboot', attempt: 1, before: null, bootId: OLD }],
    ['runner-2', { type: 'step.asked', step: 'reboot', instructions: move }],
    ['runner-2', { type: 'node.parked', waitsFor: move, clears: 'by-itself' }],
  ]);
  expect(text.split('\n').slice(2)).toEqual([
    `12:03:17 runner-2  reboot                  ⏸ asks a person: ${move}`,
    `→ runner-2 waits for a person: ${move}; drover goes on when it sees it`,
    'run 7f3k2p: 2 nodes: 1 parked (runner-2), 1 pending (runner-1)',
    `→ runner-2 waits for a person: ${move}; drover goes on when it sees it`,
  ]);
});

test('names the commands that help after a failure', () => {
  const text = tell([
    ['runner-1', begin()],
    ['runner-1', { type: 'step.started', step: 'loaded', attempt: 1, before: null, unmet: ['iptable_nat is neither loaded nor built in'] }],
    ['runner-1', { type: 'step.failed', step: 'loaded', unmet: ['iptable_nat is neither loaded nor built in'], error }],
    ['runner-1', { type: 'node.finished', outcome: 'failed' }],
  ]);
  expect(text.split('\n').slice(1)).toEqual([
    '12:03:14 runner-1  loaded                  ▶ waits: iptable_nat is neither loaded nor built in',
    '12:03:17 runner-1  loaded                  ✗ failed after 3.0s: iptable_nat is neither loaded nor built in',
    '12:03:20 runner-1  ✗ failed after 9.0s',
    '→ runner-1 failed at loaded: mend it, then drover replay 7f3k2p runner-1; or drover rollback 7f3k2p runner-1; drover logs 7f3k2p runner-1 has what it printed',
    'run 7f3k2p: 2 nodes: 1 failed (runner-1), 1 pending (runner-2)',
    '→ runner-1 failed at loaded: mend it, then drover replay 7f3k2p runner-1; or drover rollback 7f3k2p runner-1; drover logs 7f3k2p runner-1 has what it printed',
  ]);
});

test('tells the way back, a replay, a pause and an approval in words', () => {
  const text = tell([
    ['runner-1', begin()],
    ['runner-1', { type: 'node.parked', waitsFor: 'paused by ops: drover resume 7f3k2p', clears: 'by-word', control: '1-0' }],
    ['runner-1', { type: 'node.resumed', by: 'ops', control: '2-0' }],
    ['runner-1', { type: 'step.asked', step: 'approval:start', instructions: 'start with the restart of 12 pods?' }],
    ['runner-1', { type: 'step.answered', step: 'approval:start', by: 'ops', answer: 'yes', control: '3-0' }],
    ['runner-1', begin('forward', ['reboot', 'loaded'])],
    ['runner-1', begin('rollback')],
    ['runner-1', { type: 'step.adopted', step: 'undo.cordon', state: null }],
    ['runner-1', { type: 'node.finished', outcome: 'rolled-back' }],
    ['@run', { type: 'run.halted', why: 'blocked by runner-2' }],
    ['@run', { type: 'run.resumed', by: 'ops' }],
  ]);
  expect(text.split('\n')).toEqual([
    '12:03:11 runner-1  ▶ starts: 5 steps',
    '12:03:14 runner-1  ⏸ waits: paused by ops: drover resume 7f3k2p',
    '→ runner-1 is paused: drover resume 7f3k2p runner-1',
    '12:03:17 runner-1  ▶ goes on: ops',
    '12:03:20 runner-1  approval:start          ⏸ asks a person: start with the restart of 12 pods?',
    '12:03:23 runner-1  approval:start          · ops answered: yes',
    '12:03:26 runner-1  ▶ tried again, by ops: looks anew at reboot, loaded',
    '12:03:29 runner-1  ↩ goes back, by ops: 5 steps, last change first',
    '12:03:32 runner-1  undo.cordon             ✓ as wished on a second look; what was there before is kept',
    '12:03:35 runner-1  ↩ rolled back after 24s',
    '12:03:38 @run      ⏸ halted: blocked by runner-2',
    '12:03:41 @run      ▶ goes on (by ops)',
    'run 7f3k2p: 2 nodes: 1 pending (runner-2), 1 rolled-back (runner-1)',
  ]);
});

test('lets nothing from a node steer the terminal', () => {
  const evil = 'disk\u001b[2J full\u0007\nrm \u001b]0;title\u0007-rf\ttab';
  const text = tell([['runner-1', { type: 'node.parked', waitsFor: evil, clears: 'by-word' }]]);
  expect(text).toContain('disk full rm -rf tab');
  expect(text.split('').filter((letter) => letter < ' ' && letter !== '\n')).toEqual([]);
});

test('paints only a terminal, and not when NO_COLOR is set', () => {
  const failed: readonly (readonly [string, NewEvent])[] = [['runner-1', { type: 'node.finished', outcome: 'failed' }]];
  expect(tell(failed, paintFor({ isTTY: true }, {}))).toContain('\u001b[31m✗ failed\u001b[0m');
  for (const paint of [
    paintFor({ isTTY: true }, { NO_COLOR: '1' }),
    paintFor({ isTTY: false }, {}),
    paintFor({ isTTY: true }, { TERM: 'dumb' }),
  ]) {
    expect(tell(failed, paint)).not.toContain('\u001b');
  }
});

test('tells programs the run, the node, the number and the time of each event', () => {
  const event: NodeEvent = { type: 'node.addressed', address: '10.77.1.12', seq: 4, at: 1_790_000_000_000 };
  expect(ndjsonLine('7f3k2p', 'runner-2', event)).toBe(
    '{"run":"7f3k2p","node":"runner-2","seq":4,"at":1790000000000,"type":"node.addressed","address":"10.77.1.12"}',
  );
});

test('tells how a run goes over its nodes: who begins, who soaks, why nothing new begins', () => {
  const text = tell([
    ['runner-1', { type: 'node.preflighted', unmet: [] }],
    ['runner-2', { type: 'node.preflighted', unmet: ['there is no module x'] }],
    ['@run', { type: 'run.wave', wave: 'canary', nodes: { 'runner-1': 0 } }],
    ['@run', { type: 'run.soaking', nodes: ['runner-1'], untilMs: start + 309_000 }],
    ['@run', { type: 'run.unhealthy', node: 'runner-1', why: 'unhealthy while it soaked: kubelet stopped' }],
    ['@run', { type: 'run.resumed', by: 'anna', control: '1-0' }],
    ['@run', { type: 'run.wave', wave: 'rollout', nodes: { 'runner-2': 0, 'runner-3': 0 } }],
    ['runner-2', { type: 'node.finished', outcome: 'cancelled', by: 'bob', why: 'apt-get still runs there' }],
    ['@run', { type: 'run.wave', wave: 'replay', nodes: { 'runner-2': 1 } }],
    ['@run', { type: 'run.wave', wave: 'rollback', nodes: { 'runner-1': 1 } }],
    ['@run', { type: 'run.finished', outcome: 'refused', why: 'there is no module x' }],
  ]);
  expect(text.split('\n').slice(0, 11)).toEqual([
    '12:03:11 runner-1  ✓ preflight holds',
    '12:03:14 runner-2  ✗ preflight refuses: there is no module x',
    '12:03:17 @run      ▶ runner-1 begins first: canary',
    '12:03:20 @run      · runner-1 has to stay healthy for 5m00s before others begin',
    '12:03:23 @run      ✗ runner-1 counts as failed: unhealthy while it soaked: kubelet stopped',
    '12:03:26 @run      ▶ goes on (by anna): in spite of what turned unhealthy',
    '12:03:29 @run      ▶ runner-2, runner-3 begin',
    '12:03:32 runner-2  ✗ cancelled (by bob): apt-get still runs there',
    '12:03:35 @run      ▶ runner-2 begins once more',
    '12:03:38 @run      ↩ runner-1 goes back',
    '12:03:41 @run      ✗ the run: refused, nothing was touched: there is no module x',
  ]);
});
