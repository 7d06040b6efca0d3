import { describe, expect, it } from 'vitest';
import type { NodeEvent } from '../../src/core/event.ts';
import { type NodeRun, emptyRun, fold } from '../../src/core/reduce.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { type Found, foundNow, isNews, wayOut } from '../../src/core/way-out.ts';

const [OLD, NEW] = ['10.77.0.11', '10.77.1.11'];
const verdicts = {
  new: { verdict: 'rebooted-at-new', address: NEW },
  old: { verdict: 'rebooted-at-old', address: OLD, wished: NEW },
  same: { verdict: 'not-rebooted', address: OLD },
  other: { verdict: 'another-machine', address: NEW, message: 'it offered another host key' },
  nobody: { verdict: 'nobody', addresses: [OLD, NEW] },
} as const satisfies Readonly<Record<string, Verdict>>;

const state = { phase: 'applied', attempt: 1, appliedInThisPlan: true, startedAt: 1000, actedAt: 1000, appliedOn: 'b1' } as const;
const base: NodeRun = { ...emptyRun, plan: 'forward', steps: { reboot: state } };
const armedGuard = { step: 'reboot', bootId: 'b1', deadlineMs: 600_000, reverts: 0, reverted: false };
const runs = {
  unguarded: base,
  armed: { ...base, guard: armedGuard },
  reverted: { ...base, guard: { ...armedGuard, reverted: true }, stuck: true, parked: 'it has gone back' },
} satisfies Readonly<Record<string, NodeRun>>;

const found = (verdict: Verdict, more: Partial<Found> = {}): Found => ({
  step: 'reboot',
  verdict,
  waits: verdict.verdict.startsWith('rebooted') ? 'live' : 'reboot',
  failsAt: 61_000,
  otherwise: 'stays',
  asked: false,
  ...more,
});
const guardDoes = 'the node returns to its old address 10m after its boot (50m if the new gateway answers)';
const byGuard = { does: guardDoes, from: 601_000 };
const again = ['drover replay r n', 'drover rollback r n'];
const stays = { does: 'then n fails, and stays as it is' };
const lookThere = 'look at its console: drover where n has the commands';
const strange = [`find out what answers at ${NEW}, and take it off that address`, 'was n installed anew? drover forget n --pins'];
const wentBack = {
  waits: 'reboot',
  person: [`see that n can be reached at its new address (its network, the address)`, ...again],
  drover: [{ does: "nothing before that; the node's guard holds the old address" }],
};
const until = 61_000;

describe('the way out of a verdict', () => {
  it.each([
    ['new', 'unguarded', { waits: 'live', person: [], drover: [{ does: 'proves the changes on this boot', until }, stays] }],
    [
      'new',
      'armed',
      {
        waits: 'live',
        person: [],
        drover: [
          { does: 'proves the changes on this boot', until },
          { does: 'confirms the move over a new connection when they hold' },
          byGuard,
          stays,
        ],
      },
    ],
    ['new', 'reverted', wentBack],
    [
      'old',
      'unguarded',
      {
        waits: 'live',
        person: [`look why ${NEW} did not come up: drover where n`],
        drover: [{ does: `looks whether ${NEW} comes up`, until }, stays],
      },
    ],
    [
      'old',
      'armed',
      {
        waits: 'live',
        person: [`look why ${NEW} did not come up: drover where n`],
        drover: [
          { does: `looks whether ${NEW} comes up`, until },
          { does: 'asks the guard on the node whether it took the move back' },
          stays,
        ],
      },
    ],
    ['old', 'reverted', { ...wentBack, person: [`see that n can be reached at ${NEW} (its network, the address)`, ...again] }],
    [
      'same',
      'unguarded',
      {
        waits: 'reboot',
        person: ['restart it by its console: drover where n'],
        drover: [{ does: 'looks for another boot', until }, stays],
      },
    ],
    [
      'same',
      'armed',
      {
        waits: 'reboot',
        person: ['restart it by its console: drover where n'],
        drover: [{ does: 'looks for another boot', until }, { does: 'the node restarts itself where only its new gateway answers' }, stays],
      },
    ],
    ['same', 'reverted', wentBack],
    ['other', 'unguarded', { waits: 'reboot', person: strange, drover: [{ does: 'sends it nothing, looks on', until }, stays] }],
    [
      'other',
      'armed',
      {
        waits: 'reboot',
        person: strange,
        drover: [{ does: 'sends it nothing, looks on', until }, byGuard, stays],
      },
    ],
    ['other', 'reverted', wentBack],
    ['nobody', 'unguarded', { waits: 'reboot', person: [lookThere], drover: [{ does: `tries ${OLD}, ${NEW}`, until }, stays] }],
    ['nobody', 'armed', { waits: 'reboot', person: [lookThere], drover: [{ does: `tries ${OLD}, ${NEW}`, until }, byGuard, stays] }],
    ['nobody', 'reverted', wentBack],
  ] as const)('%s, %s: which step waits, what a person can do, what happens by itself', (verdict, guard, next) => {
    expect(wayOut('r', 'n', runs[guard], found(verdicts[verdict]))).toEqual(next);
  });

  it('tells no time for a boot that a person makes, and what they were asked', () => {
    const { person, drover } = wayOut('r', 'n', runs.armed, found(verdicts.nobody, { asked: true }));
    expect(person).toEqual(['finish what was asked', lookThere]);
    expect(drover[1]).toEqual({ does: guardDoes });
    expect(wayOut('r', 'n', runs.armed, found(verdicts.same, { asked: true })).person).toEqual([
      'do what was asked; a VM that was moved has to be restarted',
    ]);
  });

  it('says what becomes of the node, and that nobody is taken back blind', () => {
    const last = (verdict: Verdict): unknown => wayOut('r', 'n', runs.unguarded, found(verdict, { otherwise: 'goes-back' })).drover.at(-1);
    expect(last(verdicts.old)).toEqual({ does: 'then n fails and goes back by itself' });
    for (const away of [verdicts.nobody, verdicts.other])
      expect(last(away)).toEqual({ does: 'then n fails and is taken back as soon as it answers' });
  });

  it('is the word of a person once the node has failed, and still tells of the guard', () => {
    for (const [name, verdict] of Object.entries(verdicts)) {
      const next = wayOut('r', 'n', { ...runs.armed, outcome: 'failed' }, found(verdict));
      expect(next.waits, name).toBeNull();
      expect(next.person.slice(-2), name).toEqual(again);
      expect(next.drover, name).toEqual([{ does: 'nothing more' }, byGuard]);
    }
  });

  it('fits on two lines of 80 columns in every piece', () => {
    for (const verdict of Object.values(verdicts)) {
      for (const run of Object.values(runs)) {
        const { person, drover } = wayOut('7f3k2p', 'runner-12', run, found(verdict));
        for (const piece of [...person, ...drover.map(({ does }) => does)]) expect(piece.length, piece).toBeLessThan(130);
      }
    }
  });
});

describe('a verdict in the journal', () => {
  const event = (verdict: Verdict, at = 2000): NodeEvent => ({
    seq: 1,
    at,
    type: 'node.verdict',
    ...found(verdict),
    next: { waits: null, person: [], drover: [] },
  });
  const told = (run: NodeRun, verdict: Verdict, at = 2000): NodeRun => ({ ...run, found: { ...found(verdict), at } });

  it('is known until a node has ended as wished or begins anew', () => {
    const at = fold([event(verdicts.nobody)]);
    expect(at.found).toMatchObject({ verdict: verdicts.nobody, at: 2000 });
    expect(foundNow(told(base, verdicts.nobody))).toMatchObject({ verdict: verdicts.nobody });
    expect(foundNow(told({ ...base, outcome: 'failed' }, verdicts.nobody))).toMatchObject({ verdict: verdicts.nobody });
    expect(foundNow(told(runs.reverted, verdicts.old))).toMatchObject({ verdict: verdicts.old });
    expect(foundNow(told({ ...base, outcome: 'succeeded' }, verdicts.new))).toBeUndefined();
    expect(foundNow(told({ ...base, plan: 'rollback' }, verdicts.nobody))).toBeUndefined();
    const reopened = { ...base, steps: { reboot: { ...state, phase: 'pending' } } } as const;
    expect(foundNow(told(reopened, verdicts.nobody))).toBeUndefined();
    expect(foundNow(told({ ...reopened, parked: 'nobody answers' }, verdicts.nobody))).toMatchObject({ verdict: verdicts.nobody });
  });

  it('is news when it says something else, not while a boot takes its time, and not too often', () => {
    const news = (run: NodeRun, verdict: Verdict, now: number, asked = false): boolean =>
      isNews(run, { step: 'reboot', verdict, asked }, now);
    expect(news(base, verdicts.nobody, 60_000)).toBe(false);
    expect(news(base, verdicts.nobody, 122_000)).toBe(true);
    expect(news(base, verdicts.nobody, 60_000, true)).toBe(true);
    expect(news(base, verdicts.same, 122_000)).toBe(true);
    expect(news(base, verdicts.same, 900_000, true)).toBe(false);
    expect(news(base, verdicts.other, 2000)).toBe(true);
    expect(news(told(base, verdicts.nobody), verdicts.nobody, 900_000)).toBe(false);
    expect(news(told(base, verdicts.nobody), verdicts.other, 3000)).toBe(false);
    expect(news(told(base, verdicts.nobody), verdicts.other, 17_000)).toBe(true);
    expect(news(told(base, verdicts.nobody), verdicts.same, 17_000, true)).toBe(true);
    expect(news(told(base, verdicts.nobody), verdicts.new, 3000)).toBe(true);
    // what was found before it was sent once more is no longer so
    expect(news(told(base, verdicts.other, 500), verdicts.other, 2000)).toBe(true);
  });
});
