import type { NodeView } from './model.ts';

/** The nodes that a filter leaves, by what makes them alike; each group in the order of the run. */
export type Groups = ReadonlyMap<string, readonly NodeView[]>;

/** A filter as a test: every word has to be somewhere in what the row says; `!word` must not. */
export const matcher = (filter: string): ((node: NodeView) => boolean) => {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '!');
  if (words.length === 0) return () => true;
  return ({ name, standing, step = '', why, node }) => {
    const labels = Object.entries(node.labels).map(([key, value]) => `${key}=${value}`);
    const text = [name, standing, step, why, ...labels].join(' ').toLowerCase();
    return words.every((word) => (word.startsWith('!') ? !text.includes(word.slice(1)) : text.includes(word)));
  };
};

/** The groups after some nodes were made anew; a group that none of them was or is in stays the same value, and so all that was made of it. */
const regrouped = (
  groups: Groups,
  before: readonly NodeView[],
  nodes: readonly NodeView[],
  matches: (node: NodeView) => boolean,
): Groups => {
  const gone = new Set<NodeView>();
  const come: NodeView[] = [];
  nodes.forEach((node, place) => {
    const old = before[place];
    if (old === node) return;
    if (old !== undefined) gone.add(old);
    if (matches(node)) come.push(node);
  });
  const coming = Map.groupBy(come, ({ alike }) => alike);
  const next = new Map(groups);
  for (const alike of new Set([...[...gone].map((node) => node.alike), ...coming.keys()])) {
    const staying = (groups.get(alike) ?? []).filter((node) => !gone.has(node));
    const members = [...staying, ...(coming.get(alike) ?? [])].sort((a, b) => a.place - b.place);
    if (members.length > 0) next.set(alike, members);
    else next.delete(alike);
  }
  return next;
};

// the groups made last: the next differ from them by the few nodes that were told something meanwhile
let last: { readonly nodes: readonly NodeView[]; readonly filter: string; readonly groups: Groups } | undefined;

/** Groups the nodes of a run that a filter leaves; costs what has changed since it was asked last. */
export const groupsOf = (nodes: readonly NodeView[], filter: string): Groups => {
  const matches = matcher(filter);
  const groups =
    last?.filter === filter && last.nodes.length === nodes.length
      ? regrouped(last.groups, last.nodes, nodes, matches)
      : Map.groupBy(nodes.filter(matches), ({ alike }) => alike);
  last = { nodes, filter, groups };
  return groups;
};
