import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { laterId } from '../../src/core/controls.ts';
import { JournalConflictError } from '../../src/core/error.ts';
import type { Control, NewEvent } from '../../src/core/event.ts';
import type { Journal } from '../../src/core/ports.ts';
import { behind, fill, note, runId, steps, upTo } from './events.ts';

/** Opens a journal of its own for a contract. */
export type Open = () => Promise<{ readonly journal: Journal } & AsyncDisposable>;

/** What every journal must keep to. */
export const journalContract = (name: string, open: Open): void => {
  describe(`${name} keeps the contract of a journal`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let journal: Journal;
    beforeAll(async () => {
      opened = await open();
      ({ journal } = opened);
    });
    afterAll(async () => {
      await opened[Symbol.asyncDispose]();
    });

    test('numbers the events of a stream from 1 without gaps, in times that never fall', async () => {
      const run = runId();
      await fill(journal, run, 3);
      const events = await journal.read(run, 'node-1');
      expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3]);
      expect(events.every((event, index) => event.at >= (events[index - 1]?.at ?? 1))).toBe(true);
      expect(steps(events)).toEqual(upTo(1, 3));
    });

    test('gives back what was written, word for word', async () => {
      const run = runId();
      const event: NewEvent = {
        type: 'step.started',
        step: 'a',
        attempt: 1,
        before: { text: 'ä "\n\u0000', list: [1.5, null, true], empty: {} },
        bootId: 'b',
      };
      const written = await journal.append(run, 'node-1', behind(0), event);
      expect(await journal.read(run, 'node-1')).toEqual([written]);
      expect(written).toEqual({ ...event, seq: 1, at: written.at });
    });

    test('has nothing in a stream that nobody wrote to', async () => {
      expect(await journal.read(runId(), 'node-1')).toEqual([]);
    });

    test('keeps the streams of nodes and runs apart', async () => {
      const [run, other] = [runId(), runId()];
      await journal.append(run, 'node-1', behind(0), note('mine'));
      await journal.append(run, '@run', behind(0), note('run'));
      await journal.append(other, 'node-1', behind(0), note('other'));
      expect(steps(await journal.read(run, 'node-1'))).toEqual(['mine']);
    });

    test('reads only what is behind an event', async () => {
      const run = runId();
      await fill(journal, run, 5);
      expect(steps(await journal.read(run, 'node-1', 3))).toEqual(upTo(4, 5));
      expect((await journal.read(run, 'node-1', 3))[0]?.seq).toBe(4);
      expect(await journal.read(run, 'node-1', 5)).toEqual([]);
      expect(await journal.read(run, 'node-1', 9)).toEqual([]);
    });

    test('refuses a writer with a lower fence, also one that has read the tail', async () => {
      const run = runId();
      await journal.append(run, 'node-1', behind(0, 5), note('new'));
      const refused = journal.append(run, 'node-1', behind(1, 4), note('old'));
      await expect(refused).rejects.toThrow(JournalConflictError);
      await expect(refused).rejects.toThrow(
        `run ${run}, node-1: event 2 was not written, somebody with fence 5 has taken over, this writer has 4`,
      );
      expect(steps(await journal.read(run, 'node-1'))).toEqual(['new']);
    });

    test('refuses a writer that has not seen the tail, and one that has seen more than there is', async () => {
      const run = runId();
      await fill(journal, run, 2);
      await expect(journal.append(run, 'node-1', behind(1), note('late'))).rejects.toThrow(
        'event 2 was not written, somebody else has written 1 more',
      );
      await expect(journal.append(run, 'node-1', behind(7), note('early'))).rejects.toThrow('the stream ends at 2: the journal has lost');
      await expect(journal.append(run, 'node-1', behind(1), note('late'))).rejects.toMatchObject({
        transient: false,
        detail: { tailSeq: 2 },
      });
      expect(await journal.read(run, 'node-1')).toHaveLength(2);
    });

    test('takes its own nonce at the tail for its own success', async () => {
      const run = runId();
      const at = behind(0);
      const first = await journal.append(run, 'node-1', at, note('once'));
      expect(await journal.append(run, 'node-1', at, note('once'))).toEqual(first);
      expect(await journal.read(run, 'node-1')).toEqual([first]);
    });

    test('does not take its own nonce further back for a success', async () => {
      const run = runId();
      const at = behind(0);
      await journal.append(run, 'node-1', at, note('mine'));
      await journal.append(run, 'node-1', behind(1), note('theirs'));
      await expect(journal.append(run, 'node-1', at, note('mine'))).rejects.toThrow(JournalConflictError);
    });

    test('lets one of two racing writers win, at every event', async () => {
      const run = runId();
      for (let seq = 0; seq < 20; seq += 1) {
        const both = await Promise.allSettled(['a', 'b'].map((writer) => journal.append(run, 'node-1', behind(seq), note(writer))));
        expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      }
      expect(await journal.read(run, 'node-1')).toHaveLength(20);
    });

    test('does not write an event that could not be read back', async () => {
      const run = runId();
      const broken: { before?: never } = {};
      const event = { type: 'step.started', step: 'a', attempt: 1, before: broken.before ?? null } as const;
      const hollow: NewEvent = Object.assign({ ...event }, { before: undefined });
      await expect(journal.append(run, 'node-1', behind(0), hollow)).rejects.toThrow('is not fit for the journal');
      expect(await journal.read(run, 'node-1')).toEqual([]);
    });

    test('keeps what people say in order, under ids that rise', async () => {
      const run = runId();
      const said: Control[] = [];
      for (let index = 0; index < 12; index += 1)
        said.push(await journal.control(run, { type: 'answer', by: 'ann', step: `s${index}`, answer: index }));
      said.push(await journal.control(run, { type: 'replay', by: 'bob', nodes: ['node-1'], from: 'boot' }));
      expect(await journal.controls(run)).toEqual(said);
      expect(said.every(({ id }, index) => index === 0 || laterId(id, said[index - 1]?.id ?? ''))).toBe(true);
      expect(said.every(({ id, at }) => id.startsWith(`${at}-`))).toBe(true);
      expect(await journal.controls(run, said[9]?.id)).toEqual(said.slice(10));
      expect(await journal.controls(run, said.at(-1)?.id)).toEqual([]);
      expect(await journal.controls(runId())).toEqual([]);
    });

    test('keeps the last lines of output and lets old ones fall out', async () => {
      const run = runId();
      const lines = (from: number, count: number): string[] => Array.from({ length: count }, (_, index) => `line ${from + index}`);
      await journal.output(run, 'node-1', 'a', []);
      await journal.output(run, 'node-1', 'a', lines(0, 4000));
      await journal.output(run, 'node-1', 'b', lines(4000, 4000));
      const kept = await journal.readOutput(run, 'node-1');
      expect(kept.length).toBeGreaterThanOrEqual(5000);
      expect(kept.length).toBeLessThan(5200);
      expect(kept.at(-1)).toMatchObject({ step: 'b', line: 'line 7999' });
      expect(kept.map(({ line }) => line)).toEqual(lines(8000 - kept.length, kept.length));
      expect(await journal.read(run, 'node-1')).toEqual([]);
    });

    test('lists runs newest first, each once', async () => {
      const [first, second, third] = [runId(), runId(), runId()];
      for (const run of [first, second, third, first]) await journal.register(run);
      expect((await journal.runs()).slice(0, 3)).toEqual([third, second, first]);
    });
  });
};
