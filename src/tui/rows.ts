import type { Model, NodeView, Standing } from './model.ts';
import type { Cursor, FleetUi } from './ui.ts';

/** A row of the fleet: one node, or a folded group of nodes that stand alike. Never empty. */
export type Row = {
  readonly id: string;
  readonly nodes: readonly NodeView[];
  readonly first: NodeView;
  /** The one that is longest at its step: its time stands for all. */
  readonly longest: NodeView;
};

/** The rows in their order: first those that want a person, which stay in sight, then the others. */
export type Rows = {
  readonly all: readonly Row[];
  readonly pinned: number;
  /** How many nodes the filter leaves. */
  readonly matching: number;
  /** The nodes that stand alike. */
  readonly groups: ReadonlyMap<string, readonly NodeView[]>;
};

/** The order of attention. */
const rank: Readonly<Record<Standing, number>> = {
  waits: 0,
  failed: 1,
  refused: 2,
  parked: 3,
  paused: 4,
  running: 5,
  pending: 6,
  cancelled: 7,
  'rolled-back': 8,
  succeeded: 9,
};

/** So many of them, at the beginning, want a person. */
const WANTING = 3;

/** Whether a node wants a person. */
export const wantsPerson = ({ standing }: NodeView): boolean => rank[standing] < WANTING;

/** From how many nodes on a group folds by itself: what moves or wants somebody is worth more rows than what rests. */
const foldsFrom: Readonly<Record<Standing, number>> = {
  waits: 8,
  failed: 8,
  refused: 8,
  parked: 8,
  paused: 8,
  running: 10,
  pending: 4,
  cancelled: 4,
  'rolled-back': 4,
  succeeded: 4,
};

const natural = new Intl.Collator('en', { numeric: true });

const sorted = (rows: readonly Row[], sort: FleetUi['sort']): readonly Row[] => {
  switch (sort) {
    case 'state':
      return rows;
    case 'name':
      return rows.toSorted((a, b) => natural.compare(a.first.name, b.first.name));
    case 'time':
      return rows.toSorted((a, b) => (a.longest.since ?? Infinity) - (b.longest.since ?? Infinity) || 0);
  }
};

/** A filter as a test: every word has to be somewhere in what the row says; `!word` must not. */
const matcher = (filter: string): ((node: NodeView) => boolean) => {
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

const isFolded = (alike: string, group: readonly NodeView[], { folds, turned }: FleetUi): boolean => {
  const [first] = group;
  if (first === undefined || group.length < 2) return false;
  const usual = folds === 'all' || (folds === 'auto' && group.length >= foldsFrom[first.standing]);
  return usual !== turned.includes(alike);
};

const rowOf = (nodes: readonly NodeView[], first: NodeView): Row => ({
  id: nodes.length > 1 ? `=${first.alike}` : first.name,
  nodes,
  first,
  longest: nodes.reduce((old, one) => ((one.since ?? Infinity) < (old.since ?? Infinity) ? one : old), first),
});

/** Nodes come in the order of the run, so that what is sorted by state has only to be put into its place: no comparing, with ten thousand nodes. */
const layOut = ({ nodes, after }: Model, ui: FleetUi): Rows => {
  const matches = matcher(ui.filter);
  const shown = ui.filter === '' ? nodes : nodes.filter(matches);
  const groups = Map.groupBy(shown, ({ alike }) => alike);
  const places: Row[][] = Object.values(rank).map(() => []);
  for (const [alike, group] of groups) {
    const [first] = group;
    if (first !== undefined && isFolded(alike, group, ui)) places[rank[first.standing]]?.push(rowOf(group, first));
    else for (const one of group) places[rank[one.standing]]?.push(rowOf([one], one));
  }
  for (const place of places) place.sort((a, b) => a.first.place - b.first.place);
  if (after && matches(after)) places[rank[after.standing]]?.unshift(rowOf([after], after));
  const wanting = places.slice(0, WANTING).flat();
  const others = places.slice(WANTING).flat();
  return { all: [...sorted(wanting, ui.sort), ...sorted(others, ui.sort)], pinned: wanting.length, matching: shown.length, groups };
};

// the same nodes seen the same way have the same rows: they are made once, however often the clock ticks or the cursor moves
const made = new WeakMap<readonly NodeView[], { readonly after: NodeView | undefined; readonly how: string; readonly rows: Rows }>();

/** The rows of the fleet as it is seen. */
export const rowsOf = (model: Model, ui: FleetUi): Rows => {
  const how = JSON.stringify([ui.filter, ui.sort, ui.folds, ui.turned]);
  const known = made.get(model.nodes);
  if (known && known.how === how && known.after === model.after) return known.rows;
  const rows = layOut(model, ui);
  made.set(model.nodes, { after: model.after, how, rows });
  return rows;
};

/** The row that the cursor is on: the same one, else the one that has its node now, else the first. */
export const rowAt = ({ all }: Rows, cursor: Cursor | undefined): number => {
  if (cursor === undefined) return 0;
  const same = all.findIndex(({ id }) => id === cursor.row);
  if (same !== -1) return same;
  const now = all.findIndex(({ nodes }) => nodes.some(({ name }) => name === cursor.node));
  return Math.max(0, now);
};

/** Where the cursor is when it is on a row. */
export const cursorOn = (row: Row | undefined): Pick<FleetUi, 'cursor'> =>
  row === undefined ? {} : { cursor: { row: row.id, node: row.first.name } };
