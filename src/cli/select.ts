import { UsageError } from '../core/error.ts';
import type { Node } from '../core/node.ts';
import { didYouMean } from './did-you-mean.ts';

/** What the command line says about which nodes are meant. */
export type Selection = { readonly names: readonly string[]; readonly selectors: readonly string[]; readonly exclude: readonly string[] };

/** Tells whether nothing was said: then all nodes are meant, and the caller asks whether that is so. */
export const meansAll = ({ names, selectors }: Selection): boolean => names.length === 0 && selectors.length === 0;

type Term = { readonly key: string; readonly holds: (value: string | undefined) => boolean };

/** Reads one term: `k=v`, `k==v`, `k!=v`, `k` (has it) or `!k` (has it not), as kubectl(1) does. */
const termOf = (text: string): Term => {
  const match = /^(!?)([^=!\s]+)(?:(==|=|!=)(.*))?$/.exec(text.trim());
  const [, not, key, operator, value] = match ?? [];
  if (key === undefined || (not === '!' && operator !== undefined)) {
    throw new UsageError(`-l ${text} is no selector; write k=v, k!=v, k or !k, several with commas between them`);
  }
  if (operator === undefined) return { key, holds: (actual) => (not === '!' ? actual === undefined : actual !== undefined) };
  return { key, holds: (actual) => (operator === '!=' ? actual !== value : actual === value) };
};

const showLabels = (nodes: readonly Node[]): string => {
  const values = new Map<string, Set<string>>();
  for (const { labels } of nodes)
    for (const [key, value] of Object.entries(labels)) values.set(key, (values.get(key) ?? new Set()).add(value));
  const lines = [...values].sort(([a], [b]) => a.localeCompare(b)).map(([key, set]) => `  ${key}: ${[...set].sort().join(', ')}`);
  return lines.length === 0 ? 'no node has labels' : `the labels there are:\n${lines.join('\n')}`;
};

const known = (name: string, nodes: readonly Node[], file: string): Node => {
  const found = nodes.find((node) => node.name === name);
  if (found) return found;
  const names = nodes.map((node) => node.name);
  const near = didYouMean(name, names);
  const list = names.length > 20 ? `${names.slice(0, 20).join(', ')} and ${names.length - 20} more` : names.join(', ');
  throw new UsageError(`there is no node ${name} in ${file}${near === '' ? `; there are ${list}` : near}`);
};

/**
 * Picks nodes: in the order of their names when names were given, else in that of the inventory. Nothing said means all of them.
 *
 * @param file the inventory, for messages
 * @throws UsageError for an unknown name, a selector without a match, or when all are excluded
 */
export const selectNodes = (nodes: readonly Node[], selection: Selection, file: string): readonly Node[] => {
  const { names, selectors, exclude } = selection;
  if (names.length > 0 && selectors.length > 0)
    throw new UsageError('give node names or -l, not both: it would not be clear whether a node needs one or both');
  const wanted = [...new Set(names.map((name) => known(name, nodes, file)))];
  const out = new Set(exclude.map((name) => known(name, nodes, file)));
  const terms = selectors.flatMap((text) => text.split(',').filter((part) => part.trim() !== '')).map(termOf);
  const matching = (wanted.length === 0 ? nodes : wanted).filter((node) => terms.every(({ key, holds }) => holds(node.labels[key])));
  if (matching.length === 0) throw new UsageError(`no node in ${file} matches -l ${selectors.join(' -l ')}; ${showLabels(nodes)}`);
  const left = matching.filter((node) => !out.has(node));
  if (left.length === 0) throw new UsageError('--exclude leaves no node');
  return left;
};
