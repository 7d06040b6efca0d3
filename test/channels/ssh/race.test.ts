import { describe, expect, test } from 'vitest';
import { createGate } from '../../../src/channels/ssh/limits.ts';
import { race } from '../../../src/channels/ssh/race.ts';

const never = new AbortController().signal;
const options = { staggerMs: 60_000, signal: never, discard: () => undefined };

describe('the race', () => {
  test('starts the next at once when one fails, and lists all failures in order', async () => {
    const started: string[] = [];
    const raced = await race(
      ['a', 'b', 'c'],
      (item) => {
        started.push(item);
        return Promise.reject(new Error(item));
      },
      options,
    );
    expect(started).toEqual(['a', 'b', 'c']);
    expect(raced).toEqual({ lost: [new Error('a'), new Error('b'), new Error('c')] });
    expect(await race([], () => Promise.resolve(1), options)).toEqual({ lost: [] });
  });

  test('ends the others when one wins, and discards what wins too late', async () => {
    const late = Promise.withResolvers<string>();
    const discarded = Promise.withResolvers<string>();
    const aborted: string[] = [];
    const raced = await race(
      ['slow', 'fast'],
      (item, signal) => {
        signal.addEventListener('abort', () => aborted.push(item));
        return item === 'slow' ? late.promise : Promise.resolve(item);
      },
      { staggerMs: 1, signal: never, discard: (value) => discarded.resolve(value) },
    );
    expect(raced).toEqual({ won: 'fast' });
    expect(aborted).toContain('slow');
    late.resolve('late');
    expect(await discarded.promise).toBe('late');
  });
});

describe('the gate', () => {
  test('lets in as many as it may, in order, and forgets those who go away', async () => {
    const gate = createGate(2);
    const first = await gate.enter(never);
    await gate.enter(never);
    const order: number[] = [];
    const gone = new AbortController();
    const waiting = [3, 4, 5].map((index) =>
      gate.enter(index === 4 ? gone.signal : never).then(
        (leave) => {
          order.push(index);
          return leave;
        },
        () => undefined,
      ),
    );
    gone.abort();
    first();
    first();
    const third = await waiting[0];
    expect(order).toEqual([3]);
    third?.();
    await waiting[2];
    expect(order).toEqual([3, 5]);
    await expect(gate.enter(AbortSignal.abort(new Error('no')))).rejects.toThrow('no');
  });
});
