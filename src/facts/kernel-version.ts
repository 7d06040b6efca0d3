/** The pieces of a version that are compared one by one: runs of digits, runs of letters, and `~`, which sorts before the end. */
const pieces = (version: string): readonly string[] => version.match(/\d+|[A-Za-z]+|~/g) ?? [];

const rank = (piece: string | undefined): number => (piece === '~' ? 0 : piece === undefined ? 1 : /^\d/.test(piece) ? 3 : 2);

/**
 * Orders kernel releases as rpm and grub do: digits by value, letters by alphabet, a number above a word, `~` below everything.
 *
 * Negative when `a` is older. Source: rpm's rpmvercmp.
 */
export const compareVersions = (a: string, b: string): number => {
  const [left, right] = [pieces(a), pieces(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [x, y] = [left[index], right[index]];
    if (rank(x) !== rank(y)) return rank(x) - rank(y);
    if (x === undefined || y === undefined || x === y) continue;
    const order = /^\d/.test(x) ? Number(x) - Number(y) : x < y ? -1 : 1;
    if (order !== 0) return order;
  }
  return 0;
};
