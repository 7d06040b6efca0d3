/** So many of a kind are sent to Redis side by side, and not all thousand. */
const AT_ONCE = 50;

/** Does something for each item, some side by side, in the order of the items. */
export const atOnce = async <T>(items: readonly T[], each: (item: T) => Promise<unknown>): Promise<void> => {
  for (let from = 0; from < items.length; from += AT_ONCE) await Promise.all(items.slice(from, from + AT_ONCE).map(each));
};
