import type { Model } from '../model.ts';
import { type Row, type Rows, cursorOn, rowAt, rowsOf, wantsPerson } from '../rows.ts';
import type { FleetUi, Key, Pressed, Sort, Ui } from '../ui.ts';
import type { Size } from '../view/frame.ts';
import { fleetParts } from '../view/geometry.ts';
import { twoWindows } from '../window.ts';
import { moved } from './move.ts';

const sorts: readonly Sort[] = ['state', 'name', 'time'];

/** Puts the cursor on a row, and scrolls just so far that it is in sight. */
const onRow = (ui: Ui, rows: Rows, at: number, size: Size): Ui => {
  const { rest } = twoWindows({ pinned: rows.pinned, count: rows.all.length }, fleetParts(size).body, ui.fleet.top, at);
  return { ...ui, fleet: { ...ui.fleet, ...cursorOn(rows.all[at]), top: rest.from - rows.pinned } };
};

/** The same view of other rows: the cursor stays with its node. */
const seen = (ui: Ui, model: Model, fleet: FleetUi, size: Size): Ui => {
  const rows = rowsOf(model, fleet);
  return onRow({ ...ui, fleet }, rows, rowAt(rows, fleet.cursor), size);
};

const toggled = (row: Row, fleet: FleetUi): FleetUi => {
  const { alike } = row.first;
  const turned = fleet.turned.includes(alike) ? fleet.turned.filter((one) => one !== alike) : [...fleet.turned, alike];
  return { ...fleet, turned };
};

/** Looks at one node. */
export const lookAt = (ui: Ui, name: string): Pressed => ({
  ui: { ...ui, node: { name, pane: 'steps', search: '' } },
  effects: [{ do: 'look-at', node: name }],
});

/** What a key of the fleet does; undefined when it is none. */
export const pressFleet = (ui: Ui, model: Model, { name }: Key, size: Size): Pressed | undefined => {
  const { fleet } = ui;
  const rows = rowsOf(model, fleet);
  const at = rowAt(rows, fleet.cursor);
  const row = rows.all[at];
  const stay = (next: Ui): Pressed => ({ ui: next, effects: [] });
  const told = (words: string): Pressed => stay({ ...ui, notice: { words, bad: true } });
  const to = moved(name, at, rows.all.length, fleetParts(size).body);
  if (to !== undefined) return stay(onRow(ui, rows, to, size));
  switch (name) {
    case 'n':
    case 'N': {
      const wanted = rows.all.flatMap(({ first }, index) => (wantsPerson(first) ? [index] : []));
      const next =
        name === 'n' ? (wanted.find((index) => index > at) ?? wanted[0]) : (wanted.findLast((index) => index < at) ?? wanted.at(-1));
      return next === undefined ? told('nothing has failed, and nothing waits for a person') : stay(onRow(ui, rows, next, size));
    }
    case 'enter':
    case 'l':
    case 'right':
      if (row === undefined) return told('no node is shown: escape takes the filter away');
      return row.nodes.length > 1 ? stay(seen(ui, model, toggled(row, fleet), size)) : lookAt(ui, row.first.name);
    case 'space': {
      const alike = row?.first.alike;
      if (row === undefined || alike === undefined || (rows.groups.get(alike)?.length ?? 0) < 2)
        return told('no other node stands like this one: nothing to fold');
      return stay(seen(ui, model, toggled(row, fleet), size));
    }
    case 'z': {
      const folds = fleet.folds === 'auto' ? 'all' : fleet.folds === 'all' ? 'none' : 'auto';
      const words = { auto: 'big groups are folded', all: 'all groups are folded', none: 'nothing is folded' }[folds];
      return stay({ ...seen(ui, model, { ...fleet, folds, turned: [] }, size), notice: { words, bad: false } });
    }
    case 's': {
      const sort = sorts[(sorts.indexOf(fleet.sort) + 1) % sorts.length] ?? 'state';
      const words = { state: 'sorted by state', name: 'sorted by name', time: 'sorted by time, the longest at its step first' }[sort];
      return stay({ ...seen(ui, model, { ...fleet, sort }, size), notice: { words, bad: false } });
    }
    case '/':
      return stay({ ...ui, typing: { what: 'filter', text: fleet.filter, before: fleet.filter } });
    case 'escape':
      return stay(fleet.filter === '' ? ui : seen(ui, model, { ...fleet, filter: '' }, size));
    default:
      return undefined;
  }
};
