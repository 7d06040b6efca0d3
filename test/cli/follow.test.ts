import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { beginning, tailOf, tellRun } from '../../src/cli/follow.ts';
import type { NewEvent } from '../../src/core/event.ts';
import { RUN_STREAM } from '../../src/core/node.ts';
import type { Journal, StreamEvent } from '../../src/core/ports.ts';
import { memoryJournal } from '../../src/journal/memory.ts';

const open = () => {
  const journal = memoryJournal(() => 1000);
  const write = async (stream: string, event: NewEvent): Promise<void> => {
    const afterSeq = (await journal.read('r', stream)).length;
    await journal.append('r', stream, { afterSeq, fence: 1, nonce: randomUUID() }, event);
  };
  return { journal, write };
};
const step = (name: string): NewEvent => ({ type: 'step.asked', step: name, instructions: 'look' });
const finished: NewEvent = { type: 'run.finished', outcome: 'succeeded' };
const halted: NewEvent = { type: 'run.halted', why: 'blocked by n1' };
const words = (told: readonly StreamEvent[]): readonly string[] =>
  told.map(({ stream, event }) => `${stream} ${'step' in event ? event.step : event.type}`);

/** Tells until the end; what was told, and the exit code. */
const telling = async (journal: Journal, after = beginning): Promise<{ readonly code: number; readonly told: readonly string[] }> => {
  const told: StreamEvent[] = [];
  const code = await tellRun(journal, 'r', after, new AbortController().signal, (one) => told.push(one));
  return { code, told: words(told) };
};

test('tells all streams in the order in which they were written, and ends with the run', async () => {
  const { journal, write } = open();
  await write('n1', step('a'));
  await write('n2', step('b'));
  const told = telling(journal);
  await write('n1', step('c'));
  await write(RUN_STREAM, finished);
  expect(await told).toEqual({ code: 0, told: ['n1 a', 'n2 b', 'n1 c', '@run run.finished'] });
});

test('goes on behind an end that was not the last: a replay came', async () => {
  const { journal, write } = open();
  await write(RUN_STREAM, { type: 'run.finished', outcome: 'failed' });
  await write(RUN_STREAM, { type: 'run.resumed', by: 'ann' });
  await write(RUN_STREAM, halted);
  expect(await telling(journal)).toEqual({ code: 4, told: ['@run run.finished', '@run run.resumed', '@run run.halted'] });
});

test('who comes later knows what was there, and is told only what is new, each event once', async () => {
  const { journal, write } = open();
  await write('n1', step('a'));
  await write(RUN_STREAM, halted);
  // somebody writes while it is read: one event is read with the rest, and also stands behind the cursor
  const busy: Journal = {
    ...journal,
    changed: async (run, after) => {
      const found = await journal.changed(run, after);
      await write('n1', step('b'));
      return found;
    },
  };
  const tail = await tailOf(busy, 'r');
  expect(words(tail.before)).toEqual(['n1 a', 'n1 b', '@run run.halted']);
  await write('n2', step('c'));
  await write(RUN_STREAM, finished);
  expect(await telling(journal, tail)).toEqual({ code: 0, told: ['n2 c', '@run run.finished'] });
});

test('says that it was interrupted when the signal comes first', async () => {
  const { journal, write } = open();
  await write('n1', step('a'));
  const stop = new AbortController();
  expect(await tellRun(journal, 'r', beginning, stop.signal, () => stop.abort())).toBe(130);
});
