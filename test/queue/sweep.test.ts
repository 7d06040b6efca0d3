import { expect, test } from 'vitest';
import type { NewEvent } from '../../src/core/event.ts';
import { RUN_STREAM } from '../../src/core/node.ts';
import { RedisError } from '../../src/core/error.ts';
import { memoryJournal } from '../../src/journal/memory.ts';
import { sweepRuns, SWEEP_MS } from '../../src/queue/sweep.ts';
import { toySpec } from './toy-spec.ts';

const started: NewEvent = { type: 'run.started', by: 'ann', spec: toySpec(['n1']) };

/** A worker's sweeps over a journal, one at each `next()`; gives the runs that it woke. */
const sweeping = () => {
  let [now, broken] = [1_000_000, false];
  const journal = memoryJournal(() => now);
  const [woken, troubles]: [string[], unknown[]] = [[], []];
  const ended = new AbortController();
  let pass = (): void => undefined;
  let slept = Promise.withResolvers<void>();
  const sleep = async (ms: number): Promise<void> => {
    expect(ms).toBe(SWEEP_MS);
    slept.resolve();
    await new Promise<void>((resolve) => (pass = resolve));
  };
  const wakes = {
    node: async () => undefined,
    run: async (run: string) => {
      if (broken) throw new RedisError('gone', { transient: true });
      woken.push(run);
    },
  };
  const append = async (run: string, ...events: readonly NewEvent[]): Promise<void> => {
    for (const event of events) {
      const afterSeq = (await journal.read(run, RUN_STREAM)).length;
      await journal.append(run, RUN_STREAM, { afterSeq, fence: 1, nonce: `${run}/${afterSeq}` }, event);
    }
  };
  let loop: Promise<void> | undefined;
  return {
    journal,
    append,
    troubles,
    later: (ms: number) => void (now += ms),
    breaks: (is: boolean) => void (broken = is),
    next: async (): Promise<readonly string[]> => {
      slept = Promise.withResolvers<void>();
      loop ??= sweepRuns({ journal, wakes, clock: { now: () => now, sleep } }, ended.signal, (error) => void troubles.push(error));
      pass();
      await slept.promise;
      return woken.splice(0);
    },
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      pass();
      await loop;
    },
  };
};

test('wakes, as often as it looks, a run that goes on; who started it may have died before they woke it', async () => {
  await using world = sweeping();
  await world.journal.register('r1');
  expect(await world.next()).toEqual([]);
  await world.append('r1', started);
  expect(await world.next()).toEqual(['r1']);
  expect(await world.next()).toEqual(['r1']);
});

test('leaves a run alone that has ended, until something new is written or said', async () => {
  await using world = sweeping();
  await world.journal.register('r1');
  await world.append('r1', started, { type: 'run.finished', outcome: 'succeeded' });
  expect(await world.next()).toEqual([]);
  world.later(3_600_000);
  await world.journal.control('r1', { type: 'replay', by: 'bob' });
  expect(await world.next()).toEqual(['r1']);
  expect(await world.next()).toEqual([]);
  await world.append('r1', { type: 'run.resumed', by: 'worker' });
  expect(await world.next()).toEqual(['r1']);
  expect(await world.next()).toEqual(['r1']);
});

test('wakes once a run to which something was said right before it ended: its last turn may not have heard it', async () => {
  await using world = sweeping();
  await world.journal.register('r1');
  await world.append('r1', started);
  await world.journal.control('r1', { type: 'cancel', by: 'bob' });
  world.later(1000);
  await world.append('r1', { type: 'run.finished', outcome: 'succeeded' });
  expect(await world.next()).toEqual(['r1']);
  expect(await world.next()).toEqual([]);
});

test('goes on after trouble with Redis, and makes up for what it could not wake', async () => {
  await using world = sweeping();
  await world.journal.register('r1');
  await world.append('r1', started, { type: 'run.finished', outcome: 'cancelled' });
  world.later(3_600_000);
  await world.journal.control('r1', { type: 'replay', by: 'bob' });
  world.breaks(true);
  expect(await world.next()).toEqual([]);
  expect(world.troubles).toHaveLength(1);
  world.breaks(false);
  expect(await world.next()).toEqual(['r1']);
});
