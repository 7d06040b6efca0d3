/** Waits until `look` gives something, at most 10 s. */
export const eventually = async <T>(what: string, look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> => {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > deadline) throw new Error(`waited 10 s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
