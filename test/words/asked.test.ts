import { describe, expect, test } from 'vitest';
import type { NewEvent } from '../../src/core/event.ts';
import { fold } from '../../src/core/reduce.ts';
import { boundAt, thenWords, untilWords } from '../../src/words/asked.ts';
import { todoOf } from '../../src/words/todo.ts';

const now = Date.UTC(2026, 10, 21, 23, 58);
const MINUTE = 60_000;
const utc = { now, timeZone: 'UTC' };

const outline = [
  { id: 'cordon', kind: 'change', wish: null },
  { id: 'move', kind: 'change', wish: null },
] as const;
const plan = (direction: 'forward' | 'rollback' = 'forward'): NewEvent => ({
  type: 'plan.started',
  plan: direction,
  fingerprint: '',
  outline,
  reset: [],
  by: 'ops',
});
const verified = (step: string): NewEvent => ({ type: 'step.verified', step, after: null });
const started = (step: string): NewEvent => ({ type: 'step.started', step, attempt: 1, before: null });
const ask = (more: object = {}, step = 'move'): NewEvent => ({
  type: 'step.asked',
  step,
  instructions: 'move the VM of n1',
  untilMs: now + 252 * MINUTE,
  otherwise: 'stays',
  ...more,
});
const opened: NewEvent = { type: 'bracket.opened', bracket: 'b', before: {} };

/** A stream of events, the last one twelve minutes ago. */
const runOf = (...events: readonly NewEvent[]) =>
  fold(events.map((event, index) => ({ ...event, seq: index + 1, at: now - (12 + events.length - 1 - index) * MINUTE })));
const todo = (...events: readonly NewEvent[]): string | undefined => todoOf('r', 'n1', runOf(...events), utc);

describe('what a person is asked', () => {
  test.each<[what: string, events: readonly NewEvent[], words: string]>([
    [
      'nobody in particular, and nothing is left out of service',
      [plan(), started('move'), ask()],
      'n1 waits for a person: move the VM of n1; drover goes on when it sees it; asked 12m ago; at 04:10 the step fails and the node stays as it is',
    ],
    [
      'a team, while the node is cordoned',
      [plan(), opened, verified('cordon'), started('move'), ask({ to: 'the vCenter team' })],
      'n1 waits for the vCenter team: move the VM of n1; drover goes on when it sees it; asked 12m ago; at 04:10 the step fails and the node stays as it is, cordoned',
    ],
    [
      'where the node goes back by itself',
      [plan(), opened, verified('cordon'), ask({ otherwise: 'goes-back' })],
      'n1 waits for a person: move the VM of n1; drover goes on when it sees it; asked 12m ago; at 04:10 the step fails and the node is rolled back',
    ],
    [
      'without a bound of the runbook',
      [plan(), opened, ask({ untilMs: now + 24 * 60 * MINUTE, byDefault: true })],
      'n1 waits for a person: move the VM of n1; drover goes on when it sees it; asked 12m ago; at Sun 22 Nov, 23:58 the step fails and the node stays as it is, out of service (the runbook sets no bound, so it has 24h)',
    ],
    [
      'a yes',
      [plan(), ask({ choices: ['yes', 'no'] }, 'approval:start')],
      'n1 waits for your yes: move the VM of n1; drover approve r approval:start n1; asked 12m ago; at 04:10 the step fails and the node stays as it is',
    ],
    [
      'a yes of somebody',
      [plan(), ask({ choices: ['yes', 'no'], to: 'the change board' }, 'approval:start')],
      'n1 waits for a yes of the change board: move the VM of n1; drover approve r approval:start n1; asked 12m ago; at 04:10 the step fails and the node stays as it is',
    ],
    [
      'one of some answers',
      [plan(), ask({ choices: ['ssd', 'disk'] })],
      'n1 waits for an answer of a person: move the VM of n1; drover answer r n1 move ssd|disk; asked 12m ago; at 04:10 the step fails and the node stays as it is',
    ],
    [
      'an answer in words',
      [plan(), ask({ words: true })],
      'n1 waits for an answer of a person: move the VM of n1; drover answer r n1 move "…"; asked 12m ago; at 04:10 the step fails and the node stays as it is',
    ],
    [
      'by an older drover, which tells neither bound nor choices',
      [plan(), { type: 'step.asked', step: 'approval:start', instructions: 'go?' }],
      'n1 waits for your yes: go?; drover approve r approval:start n1; asked 12m ago',
    ],
    [
      'but was paused',
      [plan(), ask(), { type: 'node.parked', waitsFor: 'paused by ann', clears: 'by-word', control: '1-0' }],
      'n1 is paused: drover resume r n1',
    ],
  ])('is told: %s', (_what, events, words) => {
    expect(todo(...events)).toBe(words);
  });

  test('is no question any more on the way back, nor when it was done', () => {
    expect(todo(plan(), started('move'), ask(), plan('rollback'))).toBeUndefined();
    expect(todo(plan(), started('move'), ask(), verified('move'))).toBeUndefined();
  });

  test('is told on the way back with what becomes of the rollback', () => {
    const run = runOf(
      plan(),
      verified('cordon'),
      verified('uncordon'),
      plan('rollback'),
      verified('undo.reopen.cordon'),
      ask({}, 'undo.move'),
    );
    expect(thenWords('n1', run, { otherwise: 'stays' })).toBe('the rollback fails and the node stays as it is, cordoned');
    expect(thenWords('@run', run, { otherwise: 'stays' })).toBe('the step fails, and the run with it');
  });

  test('without a bound on record has no words for it', () => {
    const run = runOf(plan());
    expect(untilWords('n1', run, { instructions: 'x', at: now }, utc)).toBeUndefined();
  });
});

test('tells a bound with its day where that is not near', () => {
  expect(boundAt(now + 252 * MINUTE, utc)).toBe('04:10');
  expect(boundAt(now + 24 * 60 * MINUTE, utc)).toBe('Sun 22 Nov, 23:58');
  expect(boundAt(now + 252 * MINUTE, { now, timeZone: 'Europe/Berlin' })).toBe('05:10');
});
