/**
 * Makes work that many ask for run once at a time.
 *
 * Who asks while it runs gets the next run of it, together with all others who do: an answer is never older than the question.
 */
export const shared = <T>(work: () => Promise<T>): (() => Promise<T>) => {
  let running: Promise<void> | undefined;
  let next: Promise<T> | undefined;
  const begin = (): Promise<T> => {
    const working = work();
    const done = (): void => {
      running = undefined;
    };
    running = working.then(done, done);
    return working;
  };
  const behind = async (before: Promise<void>): Promise<T> => {
    await before;
    next = undefined;
    return begin();
  };
  return () => {
    if (next) return next;
    if (!running) return begin();
    next = behind(running);
    return next;
  };
};
