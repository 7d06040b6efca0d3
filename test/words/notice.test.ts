import { describe, expect, test } from 'vitest';
import type { NewEvent } from '../../src/core/event.ts';
import { dueNotice, nextNoticeMs } from '../../src/core/notice.ts';
import { fold } from '../../src/core/reduce.ts';
import { noticeBody } from '../../src/words/notice.ts';
import { todoOf } from '../../src/words/todo.ts';

const start = Date.UTC(2026, 10, 21, 12, 0);
const MINUTE = 60_000;
const settings = { remindMs: 15 * MINUTE };

const plan: NewEvent = {
  type: 'plan.started',
  plan: 'forward',
  fingerprint: '',
  outline: [{ id: 'move', kind: 'change', wish: null }],
  reset: [],
  by: 'ops',
};
const asked: NewEvent = {
  type: 'step.asked',
  step: 'move',
  instructions: 'move the VM of n1',
  to: 'the vCenter team',
  untilMs: start + 30 * MINUTE,
  otherwise: 'stays',
};
const wait = {
  of: 'asked',
  step: 'move',
  instructions: 'move the VM of n1',
  to: 'the vCenter team',
  untilMs: start + 30 * MINUTE,
} as const;
const sent = (kind: 'asked' | 'cleared' | 'expired', reminder: number, more: object = {}): NewEvent => ({
  type: 'notice.sent',
  kind,
  reminder,
  ok: true,
  ...wait,
  askedAt: start,
  ...more,
});
const failed: NewEvent = { type: 'step.failed', step: 'move', unmet: [], error: { name: 'UnmetError', message: 'x', transient: false } };
const parked: NewEvent = { type: 'node.parked', waitsFor: 'PlanDriftError: say drover resume r n1', clears: 'by-word' };

/** Events with the minutes at which they came. */
const runOf = (...events: readonly (readonly [NewEvent, number])[]) =>
  fold(events.map(([event, minutes], index) => ({ ...event, seq: index + 1, at: start + minutes * MINUTE })));

describe('what is due', () => {
  const open = [
    [plan, 0],
    [asked, 0],
  ] as const;
  test.each<[what: string, run: ReturnType<typeof runOf>, minutes: number, due: string | undefined, nextMinutes: number | undefined]>([
    ['nothing, before anything is asked', runOf([plan, 0]), 1, undefined, undefined],
    ['the first word', runOf(...open), 0, 'asked 0', 0],
    ['nothing right behind it', runOf(...open, [sent('asked', 0), 0]), 1, undefined, 14],
    ['a reminder', runOf(...open, [sent('asked', 0), 0]), 15, 'asked 1', 0],
    [
      'the next after one that failed, an interval later',
      runOf(...open, [sent('asked', 1, { ok: false, why: 'x' }), 15]),
      16,
      undefined,
      14,
    ],
    [
      'that it is done',
      runOf(...open, [sent('asked', 2), 30], [{ type: 'step.verified', step: 'move', after: null }, 31]),
      31,
      'cleared 2',
      0,
    ],
    ['that nothing came of it', runOf(...open, [sent('asked', 2), 30], [failed, 31]), 31, 'expired 2', 0],
    ['nothing once that was told', runOf(...open, [failed, 31], [sent('expired', 2), 31]), 90, undefined, undefined],
    ['nothing of what was done before anybody was told', runOf(...open, [failed, 0]), 1, undefined, undefined],
    ['the same step asking anew, without a word that it is over', runOf(...open, [sent('asked', 2), 30], [asked, 40]), 40, 'asked 0', 0],
    ['that it is parked for a word', runOf([plan, 0], [parked, 3]), 3, 'parked 0', 0],
    ['nothing where it goes on by itself', runOf([plan, 0], [{ ...parked, clears: 'by-itself' }, 3]), 3, undefined, undefined],
    ['nothing where a person has paused it', runOf([plan, 0], [{ ...parked, control: '1-0' }, 3]), 3, undefined, undefined],
    ['that the run is halted', runOf([{ type: 'run.halted', why: 'blocked by n1' }, 3]), 3, 'halted 0', 0],
  ])('is %s', (_what, run, minutes, due, next) => {
    const now = start + minutes * MINUTE;
    const found = dueNotice(run, settings, now);
    expect(found && `${found.kind} ${found.reminder}`).toBe(due);
    const ms = nextNoticeMs(run, settings, now);
    expect(ms === undefined ? undefined : ms / MINUTE).toBe(next);
  });

  test('keeps a run waiting for nothing longer: a notice is nothing that has happened to it', () => {
    expect(runOf([plan, 0], [asked, 0], [sent('asked', 0), 5]).at).toBe(start);
  });
});

test('tells who looks how often people were reminded, and that the webhook fails', () => {
  const events = [
    [plan, 0],
    [asked, 0],
    [sent('asked', 0), 0],
    [sent('asked', 1), 15],
    [sent('asked', 2), 22],
  ] as const;
  const reading = { now: start + 27 * MINUTE, timeZone: 'UTC' };
  expect(todoOf('r', 'n1', runOf(...events), reading)).toBe(
    'n1 waits for the vCenter team: move the VM of n1; drover goes on when it sees it; asked 27m ago, reminded 2×, last 5m ago; at 12:30 the step fails and the node stays as it is',
  );
  const fails = runOf(...events, [sent('asked', 3, { ok: false, why: 'the webhook answered HTTP 500' }), 26]);
  expect(todoOf('r', 'n1', fails, reading)).toContain(
    'reminded 2×, last 1m ago, the webhook could not tell anybody: the webhook answered HTTP 500',
  );
});

describe('what is posted', () => {
  const bodyOf = (run: ReturnType<typeof runOf>, minutes: number, stream = 'n1') => {
    const due = dueNotice(run, settings, start + minutes * MINUTE);
    if (!due) throw new Error('nothing is due');
    const notice = { ...due, runId: 'r', runbook: 'migrate', stream, state: run };
    return noticeBody(notice, start + minutes * MINUTE, (ms) => new Date(ms).toISOString());
  };

  test('has one shape, with all that there is to know', () => {
    const run = runOf([plan, 0], [asked, 0], [sent('asked', 0), 0]);
    expect(bodyOf(run, 15)).toEqual({
      text: 'drover migrate, run r: reminder 1: n1 waits for the vCenter team: move the VM of n1; drover goes on when it sees it; asked 15m ago; at 12:30 UTC the step fails and the node stays as it is',
      kind: 'asked',
      of: 'asked',
      run: 'r',
      runbook: 'migrate',
      node: 'n1',
      step: 'move',
      instructions: 'move the VM of n1',
      to: 'the vCenter team',
      askedAt: '2026-11-21T12:00:00.000Z',
      askedAtMs: start,
      until: '2026-11-21T12:30:00.000Z',
      untilMs: start + 30 * MINUTE,
      reminder: 1,
      answers: null,
      command: null,
    });
  });

  const approval: NewEvent = { type: 'step.asked', step: 'approval:go', instructions: 'go?', choices: ['yes', 'no'] };
  test.each<[what: string, run: ReturnType<typeof runOf>, stream: string, body: object]>([
    [
      'an approval, with its answers and what to type',
      runOf([plan, 0], [approval, 0]),
      'n1',
      { kind: 'asked', answers: ['yes', 'no'], command: 'drover approve r approval:go n1', until: null, to: null },
    ],
    [
      'a park, with the command that it names',
      runOf([plan, 0], [parked, 0]),
      'n1',
      { kind: 'parked', step: null, command: 'drover resume r n1' },
    ],
    [
      'a park that names none',
      runOf([plan, 0], [{ ...parked, waitsFor: 'past the point of no return' }, 0]),
      'n1',
      { kind: 'parked', command: 'drover resume r n1' },
    ],
    [
      'a halted run',
      runOf([{ type: 'run.halted', why: 'blocked by n1: x' }, 0]),
      '@run',
      {
        kind: 'halted',
        of: 'halted',
        node: null,
        text: 'drover migrate, run r: the run is halted: blocked by n1: x',
        command: 'drover show r',
      },
    ],
    [
      'what is over',
      runOf([plan, 0], [asked, 0], [sent('asked', 1), 1], [{ type: 'node.finished', outcome: 'cancelled' }, 2]),
      'n1',
      {
        kind: 'cleared',
        of: 'asked',
        reminder: 1,
        command: null,
        text: 'drover migrate, run r: n1 no longer waits for the vCenter team: move the VM of n1',
      },
    ],
    [
      'what came to nothing',
      runOf([plan, 0], [asked, 0], [sent('asked', 1), 1], [failed, 2]),
      'n1',
      {
        kind: 'expired',
        of: 'asked',
        command: 'drover replay r n1',
        text: 'drover migrate, run r: n1: nothing came of it in time, and move has failed: move the VM of n1',
      },
    ],
  ])('tells of %s', (_what, run, stream, body) => {
    expect(bodyOf(run, 3, stream)).toMatchObject(body);
  });
});
