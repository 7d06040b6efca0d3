import { type Groups, groupsOf, matcher } from './groups.ts';
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
  readonly groups: Groups;
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

// names do not change while a run is looked at, and comparing ten thousand takes its time
const nameOrders = new WeakMap<Model['spec'], readonly number[]>();
/** The place in the order of names, of each node by its place in the run. */
const nameOrder = (spec: Model['spec']): readonly number[] => {
  const known = nameOrders.get(spec);
  if (known) return known;
  const natural = new Intl.Collator('en', { numeric: true });
  const order = spec.nodes.map(() => 0);
  const byName = [...spec.nodes.entries()].sort(([, a], [, b]) => natural.compare(a.name, b.name));
  for (const [index, [place]] of byName.entries()) order[place] = index;
  nameOrders.set(spec, order);
  return order;
};

const sorted = (rows: readonly Row[], sort: FleetUi['sort'], spec: Model['spec']): readonly Row[] => {
  switch (sort) {
    case 'state':
      return rows;
    case 'name': {
      const order = nameOrder(spec);
      return rows.toSorted((a, b) => (order[a.first.place] ?? -1) - (order[b.first.place] ?? -1));
    }
    case 'time':
      return rows.toSorted((a, b) => (a.longest.since ?? Infinity) - (b.longest.since ?? Infinity) || 0);
  }
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

// a group that has not changed has the rows that it had
const rowsMade = new WeakMap<readonly NodeView[], { readonly folded: boolean; readonly rows: readonly Row[] }>();
const rowsOfGroup = (group: readonly NodeView[], folded: boolean): readonly Row[] => {
  const known = rowsMade.get(group);
  if (known?.folded === folded) return known.rows;
  const rows = group.slice(0, folded ? 1 : undefined).map((one) => rowOf(folded ? group : [one], one));
  rowsMade.set(group, { folded, rows });
  return rows;
};

/** Nodes come in the order of the run, so that rows have only to be put where their first node is: no comparing, with ten thousand nodes. */
const layOut = ({ nodes, after, spec }: Model, ui: FleetUi): Rows => {
  const groups = groupsOf(nodes, ui.filter);
  const inOrder = nodes.map((): Row | undefined => undefined);
  let matching = 0;
  for (const [alike, group] of groups) {
    matching += group.length;
    for (const row of rowsOfGroup(group, isFolded(alike, group, ui))) inOrder[row.first.place] = row;
  }
  const places = Object.values(rank).map((): Row[] => []);
  if (after && matcher(ui.filter)(after)) places[rank[after.standing]]?.push(rowOf([after], after));
  for (const row of inOrder) if (row) places[rank[row.first.standing]]?.push(row);
  const wanting = places.slice(0, WANTING).flat();
  const others = places.slice(WANTING).flat();
  return { all: [...sorted(wanting, ui.sort, spec), ...sorted(others, ui.sort, spec)], pinned: wanting.length, matching, groups };
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
