import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Looks again and again until `look` gives something else than undefined, and returns that.
 *
 * @throws Error naming `what`, and what the last look threw, when nothing came within `withinMs`.
 */
export const poll = async <T>(
  what: string,
  limits: { readonly withinMs: number; readonly everyMs?: number; readonly signal?: AbortSignal },
  look: () => Promise<T | undefined>,
): Promise<T> => {
  const deadline = performance.now() + limits.withinMs;
  let last: unknown;
  do {
    limits.signal?.throwIfAborted();
    try {
      const seen = await look();
      if (seen !== undefined) return seen;
    } catch (error) {
      last = error;
    }
    await sleep(limits.everyMs ?? 250, undefined, { ...(limits.signal && { signal: limits.signal }) });
  } while (performance.now() < deadline);
  throw new Error(`${what}: not within ${limits.withinMs / 1000} s`, last === undefined ? undefined : { cause: last });
};
