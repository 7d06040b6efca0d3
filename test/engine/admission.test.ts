import { describe, expect, it } from 'vitest';
import { reading } from '../../src/core/fact.ts';
import { sh } from '../../src/core/command.ts';
import type { NodeEvent } from '../../src/core/event.ts';
import type { NodeRun } from '../../src/core/reduce.ts';
import { gate } from '../../src/core/step.ts';
import { memoryJournal } from '../../src/journal/memory.ts';
import { hold, newToy, toyClock, toyPlan } from './toy.ts';

const setup = () => {
  const clock = toyClock();
  return { toy: newToy(), clock, journal: memoryJournal(() => clock.now()) };
};
const types = (events: readonly NodeEvent[]): string[] => events.map(({ type }) => type);
/** Holds while the service runs. */
const serviceOn = gate({
  id: 'service-on',
  title: 'the service runs',
  wish: 'on',
  observe: () => reading(sh`get svc`, ({ stdout }) => stdout),
  unmet: (now) => (now.startsWith('on') ? [] : [`n1: the service is ${now}`]),
});
const notYet = { plan: [serviceOn, ...toyPlan()], admits: () => false };

describe('a node whose turn has not come', () => {
  it('is asked its gates once, changes nothing, and waits', async () => {
    const { toy, clock, journal } = setup();
    const waits = { kind: 'waiting', waitsFor: 'its turn in the run', wakeInMs: null };
    expect(await hold(toy, clock, journal, 1, notYet)).toEqual(waits);
    expect(await hold(toy, clock, journal, 2, notYet)).toEqual(waits);
    expect(types(await journal.read('r1', 'n1'))).toEqual(['node.identified', 'node.preflighted']);
    expect((await journal.read('r1', 'n1')).at(-1)).toMatchObject({ unmet: [] });
    expect(toy.sent).toEqual([]);
  });

  it('tells what its gates have against it', async () => {
    const { toy, clock, journal } = setup();
    toy.disk.set('svc', 'off');
    await hold(toy, clock, journal, 1, notYet);
    expect((await journal.read('r1', 'n1')).at(-1)).toMatchObject({ unmet: ['n1: the service is off -'] });
  });

  it('tells that it does not answer, after it was given time to', async () => {
    const { toy, clock, journal } = setup();
    toy.downUntil = Number.POSITIVE_INFINITY;
    const began = clock.now();
    await hold(toy, clock, journal, 1, notYet);
    expect((await journal.read('r1', 'n1')).at(-1)).toMatchObject({ unmet: ['nobody answers at 10.0.0.1'] });
    expect(clock.now() - began).toBeGreaterThanOrEqual(30_000);
  });

  it('hears that it is cancelled, and nothing else', async () => {
    const { toy, clock, journal } = setup();
    await journal.control('r1', { type: 'pause', by: 'anna' });
    await hold(toy, clock, journal, 1, notYet);
    expect(types(await journal.read('r1', 'n1'))).not.toContain('node.parked');
    await journal.control('r1', { type: 'cancel', by: 'anna' });
    clock.at += 1000;
    await hold(toy, clock, journal, 2, notYet);
    expect((await journal.read('r1', 'n1')).at(-1)).toMatchObject({ type: 'node.finished', outcome: 'cancelled', by: 'anna' });
  });

  it('gives its place back when what it was let in for once more was taken back', async () => {
    const { toy, clock, journal } = setup();
    const round = (now: NodeRun): boolean => now.outcome === undefined || now.round === 1;
    await hold(toy, clock, journal, 1, { plan: [], inRounds: true, admits: round });
    expect(await hold(toy, clock, journal, 2, { plan: [], inRounds: true, admits: round })).toMatchObject({ kind: 'finished' });
    const ends = (await journal.read('r1', 'n1')).filter(({ type }) => type === 'node.finished');
    expect(ends).toMatchObject([{ outcome: 'succeeded' }, { outcome: 'succeeded', why: expect.stringContaining('taken back') }]);
  });

  it('does not hear, once it begins, what was said and taken back before', async () => {
    const { toy, clock, journal } = setup();
    // a rollback of the whole run, when this node had not begun
    await journal.control('r1', { type: 'rollback', by: 'anna' });
    expect(await hold(toy, clock, journal, 1)).toMatchObject({ kind: 'waiting' });
    const events = await journal.read('r1', 'n1');
    expect(events.filter(({ type }) => type === 'plan.started')).toMatchObject([{ plan: 'forward' }]);
  });
});
