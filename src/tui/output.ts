import type { Model, OutputLine } from './model.ts';
import type { NodeUi } from './ui.ts';

/** What is known of the output of the node that is looked at; `known` is false until it was told. */
export const outputOf = ({ output }: Model, { name }: NodeUi): { readonly known: boolean; readonly lines: readonly OutputLine[] } =>
  output?.node === name ? { known: true, lines: output.lines } : { known: false, lines: [] };

/** The lines that have a text in them, however it is written; none for no text. */
export const matchesIn = (lines: readonly OutputLine[], search: string): readonly number[] => {
  if (search === '') return [];
  const wanted = search.toLowerCase();
  return lines.flatMap(({ line }, index) => (line.toLowerCase().includes(wanted) ? [index] : []));
};
