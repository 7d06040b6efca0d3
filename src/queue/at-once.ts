/** So many of a kind are sent to Redis side by side, and not all thousand. */
const AT_ONCE = 50;

/** The items in their order, some at a time. */
export const batches = function* <T>(items: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < items.length; from += AT_ONCE) yield items.slice(from, from + AT_ONCE);
};

/** Does something for each item, some side by side, in the order of the items. */
export const atOnce = async <T>(items: readonly T[], each: (item: T) => Promise<unknown>): Promise<void> => {
  for (const some of batches(items)) await Promise.all(some.map(each));
};
