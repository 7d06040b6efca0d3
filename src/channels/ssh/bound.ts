/** A signal with a bound. `release` gives its timer and its listener back; call it when the wait is over. */
export type Bound = { readonly signal: AbortSignal; release(): void };

/**
 * A signal that follows another one, and aborts by itself after a time.
 *
 * Like AbortSignal.any with AbortSignal.timeout, which keep a timer for the whole time and make an error with a stack for each call.
 */
export const bounded = (outer: AbortSignal, timeoutMs: number): Bound => {
  const own = new AbortController();
  const follow = (): void => own.abort(outer.reason);
  const timer = setTimeout(() => own.abort('timeout'), timeoutMs);
  timer.unref();
  const release = (): void => {
    clearTimeout(timer);
    outer.removeEventListener('abort', follow);
  };
  own.signal.addEventListener('abort', release, { once: true });
  if (outer.aborted) follow();
  else outer.addEventListener('abort', follow, { once: true });
  return { signal: own.signal, release };
};
