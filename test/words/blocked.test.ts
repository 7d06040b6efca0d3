import { describe, expect, test } from 'vitest';
import type { NewEvent } from '../../src/core/event.ts';
import { type NodeRun, emptyRun, fold } from '../../src/core/reduce.ts';
import { blockedNow, boardLines } from '../../src/words/blocked.ts';
import { say } from '../../src/words/events.ts';
import { todoOf } from '../../src/words/todo.ts';

const MINUTE = 60_000;
const now = Date.UTC(2026, 10, 21, 21, 0);
const outline = [{ id: 'drain', kind: 'change', wish: null }] as const;
const begun: NewEvent = { type: 'plan.started', plan: 'forward', fingerprint: '', outline, reset: [], by: 'ops' };
const started: NewEvent = { type: 'step.started', step: 'drain', attempt: 1, before: null };
const why = 'it needs 2 healthy pods and has 2 currently';
const blocked = (...pods: readonly string[]): NewEvent => ({
  type: 'step.blocked',
  step: 'drain',
  by: pods.map((pod) => ({ pod, by: 'PodDisruptionBudget ci/keep', why })),
});
/** A stream with an event a minute, the last one a minute ago. */
const runOf = (...events: readonly NewEvent[]): NodeRun =>
  fold(events.map((event, index) => ({ ...event, seq: index + 1, at: now - (events.length - index) * MINUTE })));
const todo = (...events: readonly NewEvent[]): string | undefined => todoOf('r', 'n1', runOf(...events), { now, timeZone: 'UTC' });
const said = (event: NewEvent): string => say({ ...event, seq: 1, at: now }, emptyRun).words;

describe('who blocks', () => {
  test('is told with its pods and its reason, and since when', () => {
    expect(todo(begun, started, blocked('ci/a'))).toBe(
      `n1 waits and goes on by itself: drain: PodDisruptionBudget ci/keep keeps ci/a (${why}), first 1m ago`,
    );
    expect(said(blocked('ci/a', 'ci/b'))).toBe(`not yet: PodDisruptionBudget ci/keep keeps ci/a, ci/b (${why})`);
    expect(said(blocked('ci/a', 'ci/b', 'ci/c', 'ci/d'))).toContain('keeps 4 pods');
    expect(said(blocked())).toBe('nothing keeps it any more');
  });

  test('is what it waits for once the question before is answered; asking again clears it', () => {
    const asked: NewEvent = {
      type: 'step.asked',
      step: 'drain',
      instructions: 'kill it?',
      choices: ['wait', 'give up'],
      untilMs: now + MINUTE,
      otherwise: 'stays',
    };
    const parked: NewEvent = { type: 'node.parked', waitsFor: 'kill it?', clears: 'by-itself' };
    const answered: NewEvent = { type: 'step.answered', step: 'drain', by: 'ops', answer: 'wait', control: '1' };
    expect(todo(begun, started, blocked('ci/a'), asked, parked)).toContain("drover answer r n1 drain wait|'give up'");
    expect(todo(begun, started, asked, parked, answered, blocked('ci/a'))).toContain(
      'goes on by itself: drain: PodDisruptionBudget ci/keep',
    );
    expect(todo(begun, started, asked, parked, answered, blocked('ci/a'), asked)).toContain('kill it?');
  });

  test('blocks a pod since it first did, however often others come and go', () => {
    const run = runOf(begun, started, blocked('ci/a'), blocked('ci/a', 'ci/b'));
    expect(blockedNow(run)?.by.map(({ pod, since }) => [pod, (now - since) / MINUTE])).toEqual([
      ['ci/a', 2],
      ['ci/b', 1],
    ]);
  });

  test('has a board: who keeps each pod and since when, the longest kept first', () => {
    const by = blockedNow(runOf(begun, started, blocked('ci/b'), blocked('ci/a', 'ci/b')))?.by ?? [];
    expect(boardLines(by, { now, timeZone: 'UTC' })).toEqual([
      `ci/b is kept by PodDisruptionBudget ci/keep, first 2m ago: ${why}`,
      `ci/a is kept by PodDisruptionBudget ci/keep, first 1m ago: ${why}`,
    ]);
  });

  test('is nobody any more once the step has gone on or the node has ended', () => {
    expect(todo(begun, started, blocked('ci/a'), blocked())).toBeUndefined();
    expect(todo(begun, started, blocked('ci/a'), { type: 'step.verified', step: 'drain', after: null })).toBeUndefined();
    expect(blockedNow(runOf(begun, started, blocked('ci/a'), { type: 'node.finished', outcome: 'cancelled' }))).toBeUndefined();
  });
});
