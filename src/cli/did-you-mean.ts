/** Counts the edits from one word to another: insert, delete, replace, or swap two neighbours (optimal string alignment). */
export const distance = (from: string, to: string): number => {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, index) => index)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? 0;
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= to.length; j += 1) {
      const same = from[i - 1] === to[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row.push(
        Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same, swapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY),
      );
    }
  }
  return at(from.length, to.length);
};

/** The known words that somebody may have meant, nearest first: about one edit for every three letters, or a word that begins alike. */
export const meant = (word: string, known: readonly string[]): readonly string[] => {
  const lower = word.toLowerCase();
  // the word itself may be known, and wrong here all the same
  const others = known.filter((candidate) => candidate !== word);
  const scored = others.map((candidate) => {
    const other = candidate.toLowerCase();
    const edits = distance(lower, other);
    return { candidate, edits: lower.length >= 3 && other.startsWith(lower) ? Math.min(edits, 1) : edits };
  });
  return scored
    .filter(({ edits }) => edits <= Math.max(1, Math.floor(word.length / 3)))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
};

/** `; did you mean a or b?`, or nothing when no known word is near. */
export const didYouMean = (word: string, known: readonly string[]): string => {
  const near = meant(word, known);
  return near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`;
};
