import { DEADMAN_TABLE } from '../../core/deadman-table.ts';

/** The words of the first row that fits, for all that a row may hold: `case` compares them as patterns, and no word has a comma in it. */
const patterns = (when: readonly (readonly string[])[]): readonly string[] =>
  when.reduce<readonly string[]>((all, words) => all.flatMap((one) => words.map((word) => (one === '' ? word : `${one},${word}`))), ['']);

/** The part of the guard that decides, made from the table of the core. POSIX sh, without effects. */
export const DEADMAN_DECISION = `
deadman_decide() {
  deadman_do=wait deadman_why='nothing of the kind is foreseen'
  case $1 in
${DEADMAN_TABLE.map(({ when, deed, why }) => `    ${patterns(when).join(' | ')}) deadman_do=${deed} deadman_why='${why}' ;;`).join('\n')}
  esac
}
`;
