/** The first success, or all failures in the order of the items. */
export type Raced<T> = { readonly won: T } | { readonly lost: readonly unknown[] };

/**
 * Tries items side by side: the next one starts after a while or as soon as one fails, and the first success ends the others.
 *
 * Like Happy Eyeballs (RFC 8305), for whole logins: a dead address costs nothing when another one answers.
 *
 * @param discard gets a success that came too late
 */
export const race = <I, T>(
  items: readonly I[],
  attempt: (item: I, signal: AbortSignal) => Promise<T>,
  options: { readonly staggerMs: number; readonly signal: AbortSignal; discard(late: T): void },
): Promise<Raced<T>> =>
  new Promise((resolve) => {
    const others = new AbortController();
    const signal = AbortSignal.any([options.signal, others.signal]);
    const errors: unknown[] = [];
    let started = 0;
    let failed = 0;
    let over = false;
    let timer: NodeJS.Timeout | undefined;
    const end = (result: Raced<T>): void => {
      over = true;
      clearTimeout(timer);
      others.abort();
      resolve(result);
    };
    const next = (): void => {
      clearTimeout(timer);
      const [item] = items.slice(started, started + 1);
      if (over || item === undefined) return;
      const index = started;
      started += 1;
      timer = setTimeout(next, options.staggerMs);
      attempt(item, signal).then(
        (value) => (over ? options.discard(value) : end({ won: value })),
        (error: unknown) => {
          errors[index] = error;
          failed += 1;
          if (over) return;
          if (failed === items.length) end({ lost: errors });
          else next();
        },
      );
    };
    if (items.length === 0) end({ lost: [] });
    else next();
  });
