import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NewEvent, RunSpec } from '../../src/core/event.ts';
import { RUN_STREAM } from '../../src/core/node.ts';
import type { Journal } from '../../src/core/ports.ts';
import { emptyRun, fold } from '../../src/core/reduce.ts';
import { memoryJournal } from '../../src/journal/memory.ts';
import { redisJournal } from '../../src/journal/redis.ts';
import { runViews } from '../../src/queue/run-view.ts';
import { type PrivateRedis, startRedis } from './private-redis.ts';
import { toySpec } from './toy-spec.ts';

const names = ['n1', 'n2', 'n3'];
const spec = toySpec(names);

/** A journal that counts what it hands out, and does before a read what a test wants. */
const counting = (journal: Journal) => {
  const counts = { events: 0, reads: 0, changed: 0 };
  let before = async (_stream: string): Promise<void> => undefined;
  const counted: Journal = {
    ...journal,
    read: async (run, stream, afterSeq) => {
      counts.reads += 1;
      const events = await journal.read(run, stream, afterSeq);
      await before(stream);
      counts.events += events.length;
      return events;
    },
    changed: async (run, after) => {
      counts.changed += 1;
      return journal.changed(run, after);
    },
  };
  return {
    journal: counted,
    counts,
    /** What happens between the reading of a stream and its end. */
    meanwhile: (does: typeof before) => {
      before = does;
    },
  };
};

const append = async (journal: Journal, run: string, stream: string, event: NewEvent): Promise<void> => {
  const afterSeq = (await journal.read(run, stream)).length;
  await journal.append(run, stream, { afterSeq, fence: 1, nonce: randomUUID() }, event);
};
const begin = async (journal: Journal, of: RunSpec = spec): Promise<string> => {
  const run = randomUUID().slice(0, 8);
  await append(journal, run, RUN_STREAM, { type: 'run.started', spec: of, by: 'test' });
  return run;
};
const addressed = (address: string): NewEvent => ({ type: 'node.addressed', address });
const wave = (node: string): NewEvent => ({ type: 'run.wave', wave: 'rollout', nodes: { [node]: 0 } });

const contract = (title: string, open: () => Journal): void => {
  describe(`views over the journal ${title}`, () => {
    test('tell of a run what its streams say, folded, and what people said', async () => {
      const journal = open();
      const [views, run] = [runViews(journal), await begin(journal)];
      const seen = async (): Promise<void> => {
        const all = await views.all(run);
        expect(all?.spec).toEqual(spec);
        expect(all?.run).toEqual(fold(await journal.read(run, RUN_STREAM)));
        expect(Object.keys(all?.nodes ?? {})).toEqual(names);
        for (const name of names) expect(all?.nodes[name]).toEqual(fold(await journal.read(run, name)));
        expect(all?.records).toEqual(await journal.controls(run));
        expect(await views.run(run)).toEqual(all?.run);
        expect(await views.spec(run)).toEqual(spec);
      };
      await seen();
      expect((await views.all(run))?.nodes['n1']).toBe(emptyRun);
      for (const name of ['n1', 'n2', 'n1']) {
        await append(journal, run, name, addressed(name));
        await append(journal, run, RUN_STREAM, wave(name));
        await journal.control(run, { type: 'pause', by: 'ann', nodes: [name] });
        await seen();
      }
    });

    test('read only what is new', async () => {
      const { journal, counts } = counting(open());
      const [views, run] = [runViews(journal), await begin(journal)];
      for (const name of names) for (let index = 0; index < 5; index += 1) await append(journal, run, name, addressed(`${index}`));
      await views.all(run);
      Object.assign(counts, { events: 0, reads: 0 });
      await views.all(run);
      // the run's own stream is asked each time, before all others
      expect(counts).toMatchObject({ events: 0, reads: 1 });
      await append(journal, run, 'n2', addressed('new'));
      Object.assign(counts, { events: 0, reads: 0 });
      expect((await views.all(run))?.nodes['n2']).toMatchObject({ address: 'new', seq: 6 });
      expect(counts).toMatchObject({ events: 1, reads: 2 });
    });

    test('share one read among all who ask at once, and tell nobody what is older than the question', async () => {
      const { journal, counts, meanwhile } = counting(open());
      const [views, run] = [runViews(journal), await begin(journal)];
      let late: readonly ReturnType<typeof views.all>[] = [];
      let first = true;
      meanwhile(async () => {
        if (!first) return;
        first = false;
        await append(journal, run, 'n1', addressed('since'));
        late = [views.all(run), views.all(run), views.all(run)];
      });
      expect((await views.all(run))?.nodes['n1']).toMatchObject({ address: 'since' });
      for (const one of late) expect((await one)?.nodes['n1']).toMatchObject({ address: 'since' });
      expect(late).toHaveLength(3);
      expect(counts.changed).toBe(2);
    });

    test('stay as they were when a read fails, and lose nothing by it', async () => {
      const { journal, meanwhile } = counting(open());
      const [views, run] = [runViews(journal), await begin(journal)];
      await views.all(run);
      for (const name of names) await append(journal, run, name, addressed(name));
      await append(journal, run, RUN_STREAM, wave('n1'));
      meanwhile(async (stream) => {
        if (stream === 'n2') throw new Error('cut off');
      });
      const both = await Promise.allSettled([views.all(run), views.all(run)]);
      expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      meanwhile(async () => undefined);
      const all = await views.all(run);
      expect(names.map((name) => all?.nodes[name]?.address)).toEqual(names);
      expect(all?.run.admitted).toEqual({ n1: 0 });
    });

    test('never go backwards, whichever read ends first', async () => {
      const { journal, meanwhile } = counting(open());
      const [views, run] = [runViews(journal), await begin(journal)];
      let once = true;
      meanwhile(async () => {
        if (!once) return;
        once = false;
        await append(journal, run, RUN_STREAM, wave('n1'));
        expect((await views.run(run))?.seq).toBe(2);
      });
      // what it tells of the run is never newer than what it tells of the nodes, so that a decision on it does not fit; the view itself goes on
      expect((await views.all(run))?.run.seq).toBe(1);
      expect((await views.run(run))?.seq).toBe(2);
    });

    test('read the spec once', async () => {
      const { journal, counts } = counting(open());
      const [views, run] = [runViews(journal), await begin(journal)];
      counts.reads = 0;
      const both = [await views.spec(run), await views.spec(run)];
      expect(both).toEqual([spec, spec]);
      expect(both[0]).toBe(both[1]);
      expect(counts.reads).toBe(1);
    });

    test('know nothing of a run that is not there, until it is', async () => {
      const journal = open();
      const views = runViews(journal);
      const run = randomUUID().slice(0, 8);
      expect([await views.spec(run), await views.run(run), await views.all(run)]).toEqual([undefined, undefined, undefined]);
      await append(journal, run, RUN_STREAM, { type: 'run.started', spec, by: 'test' });
      expect((await views.all(run))?.run.seq).toBe(1);
    });

    test('say what is wrong with a run that does not begin as one', async () => {
      const journal = open();
      const views = runViews(journal);
      await append(journal, 'odd', RUN_STREAM, wave('n1'));
      for (const look of [views.spec, views.run, views.all])
        await expect(look('odd')).rejects.toThrow('run odd: its journal does not begin with run.started');
    });

    test('let go of a run that has ended, and of the one that was asked for longest ago', async () => {
      const { journal, counts } = counting(open());
      const views = runViews(journal);
      const anew = async (run: string): Promise<boolean> => {
        counts.events = 0;
        await views.run(run);
        return counts.events > 0;
      };
      const [first = '', ...others] = await Promise.all(Array.from({ length: 21 }, () => begin(journal)));
      expect(await anew(first)).toBe(true);
      expect(await anew(first)).toBe(false);
      views.forget(first);
      expect(await anew(first)).toBe(true);
      for (const run of others) await views.run(run);
      expect(await anew(others.at(-1) ?? '')).toBe(false);
      expect(await anew(first)).toBe(true);
    });
  });
};

contract('in memory', () => memoryJournal(() => Date.now()));

let server: PrivateRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server[Symbol.asyncDispose]());
contract('in Redis', () => redisJournal(server.redis));
