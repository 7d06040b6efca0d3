/** How many nodes are looked at at once. */
const AT_ONCE = 12;

/** Runs `work` over items, some at once, results in order. */
export const inParallel = async <T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> => {
  const results: R[] = [];
  let at = 0;
  const lane = async (): Promise<void> => {
    for (let index = at++; index < items.length; index = at++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, lane));
  return results;
};
