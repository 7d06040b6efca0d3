import { describe, expect, it } from 'vitest';
import { fold } from '../../src/core/reduce.ts';
import type { Journal, Sent } from '../../src/core/ports.ts';
import { type HeraldWorld, REMIND_MS, heraldWorld } from './herald-world.ts';
import { Death } from './means.ts';

const REMIND_S = REMIND_MS / 1000;
const move = (world: HeraldWorld, seconds: number): void => world.after(seconds, () => world.toy.disk.set('conf', 'moved'));

describe('people', () => {
  it('are told when they are asked, again every interval, and when it is done', async () => {
    const world = heraldWorld({ to: 'the vCenter team' });
    move(world, 2.5 * REMIND_S);
    expect(await world.work(7200)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    const [first, second, third, last] = world.hook.told.map((line) => ({
      at: Number(line.split(' ')[0]),
      what: line.replace(/^\d+ /, ''),
    }));
    expect([first?.what, second?.what, third?.what, last?.what]).toEqual(['asked 0', 'asked 1', 'asked 2', 'cleared 2']);
    expect(world.hook.told).toHaveLength(4);
    // a hold is due every few seconds at most, and a reminder at the hold after its time
    expect(first?.at).toBe(0);
    expect((second?.at ?? 0) - REMIND_S).toBeLessThan(5);
    expect((third?.at ?? 0) - 2 * REMIND_S).toBeLessThan(10);
    expect(last?.at).toBeLessThan(2.5 * REMIND_S + 5);
    expect(await world.noted()).toEqual(['asked 0', 'asked 1', 'asked 2', 'cleared 2']);
    const asked = (await world.events()).find(({ type }) => type === 'step.asked');
    expect(asked).toMatchObject({ to: 'the vCenter team', otherwise: 'stays', untilMs: expect.any(Number) });
    expect(asked).not.toHaveProperty('byDefault');
    expect(fold(await world.events()).told).toMatchObject({ over: true, reminded: 2 });
  });

  it('are told that the bound is over, before the node ends', async () => {
    const world = heraldWorld();
    expect(await world.work(2 * 3600)).toEqual({ kind: 'finished', outcome: 'failed' });
    expect(world.hook.told.at(-1)).toMatch(/^36\d\d expired 3$/);
    expect(await world.noted()).toEqual(['asked 0', 'asked 1', 'asked 2', 'asked 3', 'expired 3']);
  });

  it('have a day where the runbook says nothing, and the record says so', async () => {
    const world = heraldWorld({ within: null, onFailure: 'rollback' });
    await world.work(60);
    const [started, asked] = ['step.started', 'step.asked'].map((type) =>
      world.events().then((all) => all.find((one) => one.type === type)),
    );
    const at = (await started)?.at ?? 0;
    expect(await asked).toMatchObject({ byDefault: true, untilMs: at + 24 * 3_600_000, otherwise: 'goes-back' });
  });

  it('are not reminded while the node is paused, and are again when it goes on', async () => {
    const world = heraldWorld();
    world.after(60, () => world.say({ type: 'pause', by: 'ann' }));
    expect(await world.work(2 * REMIND_S)).not.toHaveProperty('remindInMs');
    await world.pass(2 * REMIND_S);
    await world.work(10);
    expect(world.hook.told).toEqual(['0 asked 0']);
    await world.say({ type: 'resume', by: 'ann' });
    await world.work(30);
    expect(world.hook.told.map((line) => line.replace(/^\d+ /, ''))).toEqual(['asked 0', 'asked 1']);
  });

  it('are told that it is over when somebody cancels', async () => {
    const world = heraldWorld();
    world.after(60, () => world.say({ type: 'cancel', by: 'ann' }));
    expect(await world.work(600)).toEqual({ kind: 'finished', outcome: 'cancelled' });
    expect(await world.noted()).toEqual(['asked 0', 'cleared 0']);
  });
});

describe('a notice that does not get through', () => {
  it('stops nothing, is written down with its reason, and is not sent again before the interval is over', async () => {
    const world = heraldWorld();
    world.hook.answer = () => Promise.resolve({ ok: false, why: 'the webhook answered HTTP 500' });
    move(world, 1.5 * REMIND_S);
    expect(await world.work(7200)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    const why = 'the webhook answered HTTP 500';
    expect(await world.noted()).toEqual([`asked 0: ${why}`, `asked 1: ${why}`, `cleared 1: ${why}`]);
    expect(fold(await world.events()).told).toMatchObject({ reminded: 0, why });
  });

  it('does not keep the node waiting: what is done meanwhile is seen, and told behind it', async () => {
    const world = heraldWorld();
    world.hook.answer = async (notice) => {
      if (notice.kind === 'asked') await world.sleep(60);
      return { ok: false, why: 'it hung' };
    };
    move(world, 10);
    let done = 0;
    const through = (journal: Journal): Journal => ({
      ...journal,
      append: (run, stream, at, event) => {
        if (event.type === 'step.verified') done = world.seconds();
        return journal.append(run, stream, at, event);
      },
    });
    expect(await world.work(600, { through })).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect(done).toBeGreaterThanOrEqual(10);
    expect(done).toBeLessThan(13);
    expect(world.hook.told).toEqual(['0 asked 0', '60 cleared 0']);
    expect(await world.noted()).toEqual(['asked 0: it hung', 'cleared 0: it hung']);
  });

  it('is a bug that stops nothing where the notifier throws', async () => {
    const world = heraldWorld();
    world.hook.answer = () => Promise.reject(new Error('oops'));
    move(world, 10);
    expect(await world.work(600)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect(await world.noted()).toEqual(['asked 0: a bug in drover: Error: oops', 'cleared 0: a bug in drover: Error: oops']);
  });
});

describe('a notice whose worker dies', () => {
  it('between the post and the record is posted once more, and recorded once', async () => {
    const world = heraldWorld();
    let deaths = 0;
    const through = (journal: Journal): Journal => ({
      ...journal,
      append: (run, stream, at, event) => {
        if (event.type === 'notice.sent' && deaths < 2) {
          deaths += 1;
          throw new Death('died');
        }
        return journal.append(run, stream, at, event);
      },
    });
    move(world, 60);
    expect(await world.work(600, { through })).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect(world.hook.told.map((line) => line.replace(/^\d+ /, ''))).toEqual(['asked 0', 'asked 0', 'asked 0', 'cleared 0']);
    expect(await world.noted()).toEqual(['asked 0', 'cleared 0']);
  });

  it('or was only frozen while another took over is recorded by the other alone', async () => {
    const world = heraldWorld();
    let frozen = true;
    world.hook.answer = async (): Promise<Sent> => {
      if (!frozen) return { ok: true };
      frozen = false;
      await world.sleep(20);
      return { ok: true };
    };
    // the second begins with a higher fence while the first waits for its webhook
    let second: Promise<unknown> | undefined;
    const first = world.work(120, { fence: 1, once: true });
    world.after(5, () => {
      second = world.work(100, { fence: 2, once: true });
    });
    expect(await first).toMatchObject({ kind: 'replaced' });
    await second;
    expect(world.hook.told.map((line) => line.replace(/^\d+ /, ''))).toEqual(['asked 0', 'asked 0']);
    expect(await world.noted()).toEqual(['asked 0']);
  });

  it('or leaves is recorded by the one who leaves, who sends no other', async () => {
    const world = heraldWorld();
    const leaving = new AbortController();
    world.hook.answer = async () => {
      await world.sleep(2);
      return { ok: true };
    };
    move(world, 0.5);
    world.after(1, () => leaving.abort('the worker is stopping'));
    expect(await world.work(60, { leaving: leaving.signal, once: true })).toEqual({ kind: 'stopped' });
    expect(await world.noted()).toEqual(['asked 0']);
    expect(await world.work(60)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect(await world.noted()).toEqual(['asked 0', 'cleared 0']);
  });
});

describe('a node that is parked for a word', () => {
  it('tells so, asks to be woken for the next reminder and for nothing else, and tells when it goes on', async () => {
    const world = heraldWorld();
    const dies = (journal: Journal): Journal => ({
      ...journal,
      append: (run, stream, at, event) => {
        if (event.type === 'step.asked') throw new Death('died');
        return journal.append(run, stream, at, event);
      },
    });
    // somebody else's runbook: the plan is no longer what the run began with
    const drifts = (journal: Journal): Journal => ({
      ...journal,
      read: async (...args) =>
        (await journal.read(...args)).map((event) => (event.type === 'plan.started' ? { ...event, outline: [] } : event)),
    });
    await world.work(5, { through: dies, once: true });
    const parked = await world.work(10, { through: drifts, once: true });
    expect(parked).toMatchObject({ kind: 'waiting', wakeInMs: null, remindInMs: REMIND_MS });
    const before = world.toy.looks;
    await world.work(2.2 * REMIND_S, { through: drifts });
    expect(world.toy.looks).toBe(before);
    move(world, 1);
    await world.say({ type: 'resume', by: 'ann' });
    expect(await world.work(60)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect((await world.noted()).slice(0, 4)).toEqual(['parked 0', 'parked 1', 'parked 2', 'cleared 2']);
  });
});
