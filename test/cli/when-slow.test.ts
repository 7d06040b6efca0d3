import { expect, test, vi } from 'vitest';
import { whenSlow } from '../../src/cli/when-slow.ts';

test('a wait is named when it is long, and only then', async () => {
  vi.useFakeTimers();
  try {
    const said: string[] = [];
    const cli = { stderr: { write: (text: string): void => void said.push(text), isTTY: false, columns: 80 } };
    const { promise, resolve } = Promise.withResolvers<string>();
    const short = whenSlow(cli, 'a short one', Promise.resolve('here'));
    const long = whenSlow(cli, 'Redis', promise);
    expect(await short).toBe('here');
    await vi.advanceTimersByTimeAsync(2000);
    expect(said).toEqual([]);
    await vi.advanceTimersByTimeAsync(60_000);
    resolve('there');
    expect(await long).toBe('there');
    expect(said).toEqual(['drover: waiting for Redis …\n']);
  } finally {
    vi.useRealTimers();
  }
});
