import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { JournalConflictError } from '../../src/core/error.ts';
import type { Journal } from '../../src/core/ports.ts';
import type { Open } from './contract.ts';
import { behind, fill, note, runId, take, told } from './events.ts';

/** What a journal must tell to those who follow a whole run. */
export const feedContract = (name: string, open: Open): void => {
  describe(`${name} tells what is new in a run`, () => {
    let opened: Awaited<ReturnType<Open>>;
    let journal: Journal;
    beforeAll(async () => {
      opened = await open();
      ({ journal } = opened);
    });
    afterAll(async () => {
      await opened[Symbol.asyncDispose]();
    });

    test('tells which streams got events behind a cursor, each once', async () => {
      const run = runId();
      expect(await journal.changed(run, '')).toMatchObject({ streams: [] });
      await fill(journal, run, 3, 0, 'a');
      await fill(journal, run, 1, 0, 'b');
      const first = await journal.changed(run, '');
      expect(first.streams.toSorted()).toEqual(['a', 'b']);
      const second = await journal.changed(run, first.cursor);
      expect(second).toEqual({ streams: [], cursor: first.cursor });
      await fill(journal, run, 2, 1, 'b');
      await fill(journal, runId(), 1, 0, 'c');
      const third = await journal.changed(run, second.cursor);
      expect(third.streams).toEqual(['b']);
      expect((await journal.changed(run, third.cursor)).streams).toEqual([]);
      expect((await journal.changed(run, '')).streams.toSorted()).toEqual(['a', 'b']);
    });

    test('tells of an event once that was sent twice, and of none that was refused', async () => {
      const run = runId();
      const at = behind(0);
      await journal.append(run, 'node-1', at, note('once'));
      const { cursor } = await journal.changed(run, '');
      await journal.append(run, 'node-1', at, note('once'));
      await expect(journal.append(run, 'node-1', behind(0), note('late'))).rejects.toThrow(JournalConflictError);
      expect(await journal.changed(run, cursor)).toEqual({ streams: [], cursor });
    });

    test.each([0, 1, 3, 20])('follows a run from behind its event %i: all streams, once and in order', async (from) => {
      const run = runId();
      const streams = ['@run', 'a', 'b'];
      const all: string[] = [];
      let cursor = '';
      const write = async (until: number): Promise<void> => {
        while (all.length < until) {
          const stream = streams[(all.length * 7) % streams.length] ?? '';
          const seq = all.filter((one) => one.startsWith(`${stream} `)).length;
          await journal.append(run, stream, behind(seq), note('x'));
          all.push(`${stream} ${seq + 1}`);
          if (all.length === from) ({ cursor } = await journal.changed(run, ''));
        }
      };
      await write(30);
      const taken = take(journal, run, cursor, 60 - from);
      await write(60);
      expect(told(await taken)).toEqual(all.slice(from));
    });

    test('hands on what it follows word for word, and leaves other runs out', async () => {
      const [run, other] = [runId(), runId()];
      await journal.append(other, 'node-1', behind(0), note('other'));
      const written = await journal.append(run, 'node-1', behind(0), note('ä "\n'));
      expect(await take(journal, run, '', 1)).toEqual([{ stream: 'node-1', event: written }]);
    });

    test('ends to follow at once when it is told to', async () => {
      const stop = new AbortController();
      const run = runId();
      await fill(journal, run, 1);
      const follower = journal.followRun(run, '', stop.signal)[Symbol.asyncIterator]();
      expect((await follower.next()).done).toBe(false);
      const waiting = follower.next();
      const since = performance.now();
      stop.abort();
      expect(await waiting).toEqual({ done: true, value: undefined });
      expect(performance.now() - since).toBeLessThan(1000);
      expect(await take(journal, run, '', 1)).toHaveLength(1);
    });

    test('does not begin to follow when it was told to stop before', async () => {
      const run = runId();
      await fill(journal, run, 1);
      const follower = journal.followRun(run, '', AbortSignal.abort())[Symbol.asyncIterator]();
      expect(await follower.next()).toEqual({ done: true, value: undefined });
    });
  });
};
