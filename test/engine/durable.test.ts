import { describe, expect, it } from 'vitest';
import type { NodeEvent } from '../../src/core/event.ts';
import type { Journal } from '../../src/core/ports.ts';
import { memoryJournal } from '../../src/journal/memory.ts';
import { type Toy, hold, newToy, toEnd, toyClock, toyLive, toySet } from './toy.ts';
import { Died, toySlow } from './toy-unit.ts';

const setup = () => {
  const clock = toyClock();
  return { toy: newToy(), clock, journal: memoryJournal(() => clock.now()) };
};
const ofStep = (events: readonly NodeEvent[]): string[] => events.flatMap((event) => ('step' in event ? [event.type] : []));
const shown = async (journal: Journal): Promise<string[]> => (await journal.readOutput('r1', 'n1')).map(({ line }) => line);
const started = (toy: Toy): number => toy.sent.filter((text) => text.startsWith('slow')).length;
/** What ten seconds of it print. */
const TEN = ['tick', 'second 1', 'tick', 'second 3', 'tick', 'second 5', 'tick', 'second 7', 'tick', 'second 9', 'tick'];
const plan = [toySlow('conf', 'new', 10_000)];

describe('a durable command', () => {
  it('shows what it prints while it runs, and is verified when it has ended', async () => {
    const { toy, clock, journal } = setup();
    expect(await toEnd(toy, clock, journal, 1, { plan })).toEqual({ kind: 'finished', outcome: 'succeeded' });
    const output = await journal.readOutput('r1', 'n1');
    expect(output.map(({ line }) => line)).toEqual(TEN);
    const events = await journal.read('r1', 'n1');
    const ended = events.find(({ type }) => type === 'step.applied')?.at ?? 0;
    expect(output.filter(({ at }) => at < ended - 2000).length).toBeGreaterThan(5);
    expect(ofStep(events)).toEqual(['step.started', 'step.applied', 'step.verified']);
  });

  it.each([
    { dies: 'with what it had heard in the journal', lose: false },
    { dies: 'with what it had heard lost', lose: true },
  ])('goes on when its worker dies $dies; the next one follows it and starts nothing', async ({ lose }) => {
    const { toy, clock, journal } = setup();
    toy.diesAt = clock.now() + 4500;
    const losing: Journal = {
      ...journal,
      output: async (...words) => (toy.diesAt === null ? Promise.resolve() : journal.output(...words)),
    };
    await expect(hold(toy, clock, lose ? losing : journal, 1, { plan })).rejects.toThrow(Died);
    expect((await shown(journal)).length).toBeLessThan(TEN.length);
    expect(await toEnd(toy, clock, journal, 2, { plan })).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect([started(toy), toy.ended]).toEqual([1, []]);
    expect(await shown(journal)).toEqual(TEN);
    expect(ofStep(await journal.read('r1', 'n1'))).toEqual(['step.started', 'step.applied', 'step.verified']);
  });

  it('is known by its exit code, also when it ended while nobody looked', async () => {
    const { toy, clock, journal } = setup();
    const failing = [toySlow('conf', 'new', 10_000, { code: 7 })];
    toy.diesAt = clock.now() + 2000;
    await expect(hold(toy, clock, journal, 1, { plan: failing })).rejects.toThrow(Died);
    clock.at += 60_000;
    expect(await toEnd(toy, clock, journal, 2, { plan: failing })).toEqual({ kind: 'finished', outcome: 'failed' });
    expect(started(toy)).toBe(1);
    expect((await journal.read('r1', 'n1')).find(({ type }) => type === 'step.failed')).toMatchObject({
      unmet: ['n1: conf is new: `slow conf new 10000 7` exited with 7: slow', 'conf is old'],
    });
    expect(await shown(journal)).toEqual(TEN);
  });

  it('is tried again after a transient failure, whoever hears of it', async () => {
    const { toy, clock, journal } = setup();
    const busy = [toySlow('conf', 'new', 3000, { code: 75, within: '30s' })];
    toy.diesAt = clock.now() + 1000;
    await expect(hold(toy, clock, journal, 1, { plan: busy })).rejects.toThrow(Died);
    expect(await toEnd(toy, clock, journal, 2, { plan: busy })).toEqual({ kind: 'finished', outcome: 'failed' });
    expect(started(toy)).toBeGreaterThan(5);
    expect(started(toy)).toBeLessThan(12);
  });

  it('is let go by a worker that loses its lease or leaves, and not ended', async () => {
    for (const way of ['signal', 'leaving'] as const) {
      const { toy, clock, journal } = setup();
      const stop = new AbortController();
      const stopping: Journal = {
        ...journal,
        output: async (...words) => {
          stop.abort();
          await journal.output(...words);
        },
      };
      expect(await hold(toy, clock, stopping, 1, { plan, [way]: stop.signal })).toEqual({ kind: 'stopped' });
      expect(clock.now()).toBeLessThan(toy.unit === null ? 0 : toy.unit.since + 5000);
      expect(await toEnd(toy, clock, journal, 2, { plan })).toEqual({ kind: 'finished', outcome: 'succeeded' });
      expect([started(toy), toy.ended, await shown(journal)]).toEqual([1, [], TEN]);
    }
  });

  it('is applied again when a boot has ended it and a look finds the wish unmet', async () => {
    const { toy, clock, journal } = setup();
    toy.diesAt = clock.now() + 2000;
    await expect(hold(toy, clock, journal, 1, { plan })).rejects.toThrow(Died);
    toy.boots += 1;
    expect(await toEnd(toy, clock, journal, 2, { plan })).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect(started(toy)).toBe(2);
    expect(ofStep(await journal.read('r1', 'n1'))).toEqual(['step.started', 'step.started', 'step.applied', 'step.verified']);
  });

  it('is ended, and the step fails, when it takes longer than it may', async () => {
    const { toy, clock, journal } = setup();
    const endless = [toySlow('conf', 'new', 10 * 3_600_000, { within: '20m' })];
    toy.diesAt = clock.now() + 2000;
    await expect(hold(toy, clock, journal, 1, { plan: endless })).rejects.toThrow(Died);
    const died = clock.now();
    expect(await toEnd(toy, clock, journal, 2, { plan: endless })).toEqual({ kind: 'finished', outcome: 'failed' });
    expect(toy.ended).toHaveLength(1);
    expect(clock.now() - died).toBeLessThan(21 * 60_000);
  });
});

describe('a cancel', () => {
  it('ends a durable command that this worker follows', async () => {
    const { toy, clock, journal } = setup();
    const saying: Journal = {
      ...journal,
      output: async (...words) => {
        if ((await journal.controls('r1')).length === 0) await journal.control('r1', { type: 'cancel', by: 'anna' });
        await journal.output(...words);
      },
    };
    expect(await toEnd(toy, clock, saying, 1, { plan })).toEqual({ kind: 'finished', outcome: 'cancelled' });
    expect(toy.ended).toEqual(['slow conf new 10000 0']);
    const last = (await journal.read('r1', 'n1')).at(-1);
    expect(last).toMatchObject({ type: 'node.finished', by: 'anna' });
    expect(last).not.toHaveProperty('why');
  });

  it('ends one that a dead worker has left at work', async () => {
    const { toy, clock, journal } = setup();
    toy.diesAt = clock.now() + 2000;
    await expect(hold(toy, clock, journal, 1, { plan })).rejects.toThrow(Died);
    await journal.control('r1', { type: 'cancel', by: 'anna' });
    expect(await toEnd(toy, clock, journal, 2, { plan })).toEqual({ kind: 'finished', outcome: 'cancelled' });
    expect(toy.ended).toEqual(['slow conf new 10000 0']);
    expect(toy.disk.get('conf')).toBe('old');
  });

  it('says that it may still run there when the node does not answer', async () => {
    const { toy, clock, journal } = setup();
    toy.diesAt = clock.now() + 2000;
    await expect(hold(toy, clock, journal, 1, { plan })).rejects.toThrow(Died);
    toy.downUntil = Number.POSITIVE_INFINITY;
    await journal.control('r1', { type: 'cancel', by: 'anna' });
    expect(await toEnd(toy, clock, journal, 2, { plan })).toEqual({ kind: 'finished', outcome: 'cancelled' });
    expect((await journal.read('r1', 'n1')).at(-1)).toMatchObject({
      why: 'what "conf is new" began may still run on n1: nobody answers at 10.0.0.1',
    });
  });

  it('leaves the word to a newer worker when the node has one', async () => {
    const { toy, clock, journal } = setup();
    toy.diesAt = clock.now() + 2000;
    await expect(hold(toy, clock, journal, 1, { plan })).rejects.toThrow(Died);
    toy.fence = 50;
    await journal.control('r1', { type: 'cancel', by: 'anna' });
    expect(await hold(toy, clock, journal, 2, { plan })).toMatchObject({ kind: 'replaced', nodeFence: 50 });
    expect((await journal.read('r1', 'n1')).at(-1)?.type).not.toBe('node.finished');
  });

  it('sends nothing to a node where nothing of the run is at work', async () => {
    const { toy, clock, journal } = setup();
    const waiting = [toySet('svc', 'off'), toyLive('conf', 'never')];
    expect(await hold(toy, clock, journal, 1, { plan: waiting })).toMatchObject({ kind: 'waiting' });
    await journal.control('r1', { type: 'cancel', by: 'anna' });
    expect(await toEnd(toy, clock, journal, 2, { plan: waiting })).toEqual({ kind: 'finished', outcome: 'cancelled' });
    expect(toy.intent).toMatch(/^fence=1 /);
    expect(toy.ended).toEqual([]);
  });
});
