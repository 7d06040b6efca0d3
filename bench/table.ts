/** One line of a table: the first cell to the left, the others to the right. */
export const line = ([first = '', ...others]: readonly string[], width = 12): string =>
  first.padEnd(8) + others.map((cell) => cell.padStart(width)).join('');
