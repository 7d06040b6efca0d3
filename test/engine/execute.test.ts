import { describe, expect, it } from 'vitest';
import type { NewEvent } from '../../src/core/event.ts';
import type { Journal } from '../../src/core/ports.ts';
import { memoryJournal } from '../../src/journal/memory.ts';
import { hold, newToy, toEnd, toyClock, toyPlan, toySet } from './toy.ts';
import { toldBy } from './means.ts';

const setup = () => {
  const clock = toyClock();
  return { toy: newToy(), clock, journal: memoryJournal(() => clock.now()) };
};

describe('the loop', () => {
  it('takes a node through its plan and proves the change on the new boot before it opens the node', async () => {
    const { toy, clock, journal } = setup();
    expect(await toEnd(toy, clock, journal, 1)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect(toy.boots).toBe(2);
    expect(toy.live.get('conf')).toBe('new');
    expect(toy.disk.get('cordon')).toBe('no');
    const told = toldBy(await journal.read('r1', 'n1'));
    expect(told.indexOf('step.verified live:conf=new')).toBeLessThan(told.indexOf('step.started uncordon'));
    expect(told.indexOf('step.started set:conf=new')).toBeLessThan(told.indexOf('step.applied set:conf=new'));
  });

  it('changes nothing and reboots nothing when everything is as wished', async () => {
    const { toy, clock, journal } = setup();
    await toEnd(toy, clock, journal, 1);
    toy.sent.length = 0;
    expect(await toEnd(toy, clock, journal, 100, { runId: 'r2' })).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect(toy.sent).toEqual([]);
    expect(toldBy(await journal.read('r2', 'n1')).filter((line) => line.startsWith('step.started'))).toEqual([]);
  });

  it('asks for the next step in the same exec as the last action: one look ahead, then one exec a step', async () => {
    const { toy, clock, journal } = setup();
    const plan = ['a', 'b', 'c', 'd'].map((key) => toySet(key, 'new'));
    expect(await hold(toy, clock, journal, 1, { plan })).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect(toy.sent).toEqual(['set a new', 'set b new', 'set c new', 'set d new']);
    expect(toy.looks).toBe(1);
  });

  it('boots a node whose change is in place but not proven on this boot', async () => {
    const { toy, clock, journal } = setup();
    toy.disk.set('conf', 'new');
    await toEnd(toy, clock, journal, 1);
    expect(toy.sent.filter((text) => text === 'reboot')).toHaveLength(1);
    expect(toy.sent).not.toContain('set conf new');
  });

  it("counts a person's reboot and does not add its own", async () => {
    const { toy, clock, journal } = setup();
    const dying = diesAt(journal, 'step.started', 'reboot');
    await expect(toEnd(toy, clock, dying, 1)).rejects.toThrow('died');
    toy.boots += 1;
    toy.live.set('conf', 'new');
    expect(await toEnd(toy, clock, journal, 100)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect(toy.boots).toBe(2);
    expect(toy.sent).not.toContain('reboot');
  });

  it('fails, without a second boot, when the proof does not hold after the boot', async () => {
    const { toy, clock, journal } = setup();
    toy.broken.add('conf');
    expect(await toEnd(toy, clock, journal, 1)).toEqual({ kind: 'finished', outcome: 'failed' });
    expect(toy.boots).toBe(2);
    expect(toy.disk.get('cordon')).toBe('yes');
  });

  it('goes back by itself: old values, booted again, opened last', async () => {
    const { toy, clock, journal } = setup();
    toy.broken.add('conf');
    const ended = toEnd(
      toy,
      clock,
      healsOnRollback(journal, () => toy.broken.clear()),
      1,
      { onFailure: 'rollback' },
    );
    expect(await ended).toEqual({ kind: 'finished', outcome: 'rolled-back' });
    expect(toy.boots).toBe(3);
    expect([toy.disk.get('conf'), toy.live.get('conf'), toy.disk.get('svc'), toy.disk.get('cordon')]).toEqual(['old', 'old', 'on', 'no']);
    expect(toy.sent.at(-1)).toBe('set cordon no');
  });

  it('goes back without a boot when none had happened', async () => {
    const { toy, clock, journal } = setup();
    await expect(toEnd(toy, clock, diesAt(journal, 'step.started', 'reboot'), 1)).rejects.toThrow('died');
    await journal.control('r1', { type: 'rollback', by: 'anna' });
    expect(await toEnd(toy, clock, journal, 100)).toEqual({ kind: 'finished', outcome: 'rolled-back' });
    expect(toy.boots).toBe(1);
    expect(toy.disk.get('conf')).toBe('old');
  });

  it('goes back once more when its way back was cancelled half-way', async () => {
    const { toy, clock, journal } = setup();
    await toEnd(toy, clock, journal, 1);
    await journal.control('r1', { type: 'rollback', by: 'anna' });
    await expect(toEnd(toy, clock, diesAt(journal, 'step.started', 'undo.reboot'), 100)).rejects.toThrow('died');
    await journal.control('r1', { type: 'cancel', by: 'ben' });
    expect(await toEnd(toy, clock, journal, 200)).toEqual({ kind: 'finished', outcome: 'cancelled' });
    expect(toy.disk.get('cordon')).toBe('yes');
    await journal.control('r1', { type: 'rollback', by: 'anna' });
    expect(await toEnd(toy, clock, journal, 300)).toEqual({ kind: 'finished', outcome: 'rolled-back' });
    expect([toy.disk.get('conf'), toy.live.get('conf'), toy.disk.get('svc'), toy.disk.get('cordon')]).toEqual(['old', 'old', 'on', 'no']);
  });

  it('replays a failed proof from the boot before it, once its cause is gone', async () => {
    const { toy, clock, journal } = setup();
    toy.broken.add('conf');
    await toEnd(toy, clock, journal, 1);
    toy.broken.clear();
    await journal.control('r1', { type: 'replay', by: 'anna' });
    expect(await toEnd(toy, clock, journal, 100)).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect(toy.boots).toBe(3);
    expect(toy.disk.get('cordon')).toBe('no');
  });

  it('stops opened steps again when somebody started them while it waited', async () => {
    const { toy, clock, journal } = setup();
    await expect(toEnd(toy, clock, diesAt(journal, 'step.started', 'set:conf=new'), 1)).rejects.toThrow('died');
    toy.disk.set('cordon', 'no');
    await toEnd(toy, clock, journal, 100);
    expect(toy.sent.filter((text) => text === 'set cordon yes')).toHaveLength(2);
  });

  it('parks with both sides when the runbook changed under a run', async () => {
    const { toy, clock, journal } = setup();
    await expect(toEnd(toy, clock, diesAt(journal, 'step.started', 'reboot'), 1)).rejects.toThrow('died');
    const ended = await toEnd(toy, clock, journal, 100, { plan: toyPlan('other') });
    expect(ended).toMatchObject({ kind: 'waiting', wakeInMs: null });
    expect(JSON.stringify(ended)).toMatch(/set:conf=new is gone.*set:conf=other is new/);
  });

  it('pauses between steps, resumes, and cancels when told', async () => {
    const { toy, clock, journal } = setup();
    await journal.control('r1', { type: 'pause', by: 'anna' });
    await hold(toy, clock, journal, 1);
    expect(toy.sent).toEqual([]);
    await journal.control('r1', { type: 'cancel', by: 'ben' });
    expect(await toEnd(toy, clock, journal, 2)).toEqual({ kind: 'finished', outcome: 'cancelled' });
    expect((await journal.read('r1', 'n1')).at(-1)).toMatchObject({ type: 'node.finished', by: 'ben' });
  });
});

class Died extends Error {}

/** A journal whose writer dies right before it writes a certain event. */
const diesAt = (journal: Journal, type: NewEvent['type'], step: string): Journal => ({
  ...journal,
  append: async (run, stream, at, event) => {
    if (event.type === type && 'step' in event && event.step === step) throw new Died('died');
    return journal.append(run, stream, at, event);
  },
});

const healsOnRollback = (journal: Journal, heal: () => void): Journal => ({
  ...journal,
  append: async (run, stream, at, event) => {
    if (event.type === 'plan.started' && event.plan === 'rollback') heal();
    return journal.append(run, stream, at, event);
  },
});

describe('a worker that dies', () => {
  /** Dies at the nth append, before or after it is written. */
  const diesAtNth = (journal: Journal, nth: number, after: boolean): Journal => {
    let count = 0;
    return {
      ...journal,
      append: async (run, stream, at, event) => {
        count += 1;
        if (count < nth) return journal.append(run, stream, at, event);
        if (after) await journal.append(run, stream, at, event);
        throw new Died('died');
      },
    };
  };

  it('is replaced at every record it could die at: one reboot, everything as wished', async () => {
    for (let nth = 1; nth <= 40; nth += 1) {
      for (const after of [false, true]) {
        const { toy, clock, journal } = setup();
        const first = await toEnd(toy, clock, diesAtNth(journal, nth, after), 1).catch((error: unknown) => error);
        const ended = first instanceof Died ? await toEnd(toy, clock, journal, 5000) : first;
        expect(ended, `death ${after ? 'after' : 'before'} record ${nth}`).toEqual({ kind: 'finished', outcome: 'succeeded' });
        expect(toy.boots, `boots with a death ${after ? 'after' : 'before'} record ${nth}`).toBe(2);
        expect([toy.live.get('conf'), toy.disk.get('svc'), toy.disk.get('cordon')]).toEqual(['new', 'on', 'no']);
      }
    }
  });

  it('is replaced at every record of a rollback: everything as before', async () => {
    for (let nth = 1; nth <= 60; nth += 1) {
      const { toy, clock, journal } = setup();
      toy.broken.add('conf');
      const healing = healsOnRollback(journal, () => toy.broken.clear());
      const first = await toEnd(toy, clock, diesAtNth(healing, nth, false), 1, { onFailure: 'rollback' }).catch((error: unknown) => error);
      const ended = first instanceof Died ? await toEnd(toy, clock, healing, 5000, { onFailure: 'rollback' }) : first;
      expect(ended, `death before record ${nth}`).toEqual({ kind: 'finished', outcome: 'rolled-back' });
      expect([toy.disk.get('conf'), toy.live.get('conf'), toy.disk.get('svc'), toy.disk.get('cordon')]).toEqual(['old', 'old', 'on', 'no']);
      expect(toy.boots).toBe(3);
    }
  });

  it('stops quietly when the node has seen a newer fence', async () => {
    const { toy, clock, journal } = setup();
    toy.fence = 50;
    expect(await hold(toy, clock, journal, 7)).toMatchObject({ kind: 'replaced', nodeFence: 50 });
    expect(toy.sent).toEqual([]);
  });
});
