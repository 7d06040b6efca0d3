import type { Model, NodeView } from '../model.ts';
import { nodeSet } from '../node-set.ts';
import { targetOf } from '../press/act.ts';
import { type Row, rowAt, rowsOf } from '../rows.ts';
import type { Ui } from '../ui.ts';
import { twoWindows } from '../window.ts';
import { atWords } from './at.ts';
import { bottomOf } from './bottom.ts';
import { type Columns, columnsFor } from './columns.ts';
import type { Frame, Line, Size, Span, Tone } from './frame.ts';
import { fleetParts } from './geometry.ts';
import { headerLines } from './header.ts';
import { rule } from './rule.ts';
import { signs, squeeze } from './signs.ts';
import { shown, stripLine } from './standing.ts';
import { cut, fill, fillLeft, fit, span, wrap } from './text.ts';
import { age, bound } from './time.ts';
import { wayBackLines } from './way-back.ts';

const LATE = 0.8;
/** Names beyond that are never in sight. */
const NAMES = 400;

const sets = new WeakMap<readonly NodeView[], string>();
/** The names of a row's nodes as one, as far as a screen shows them. */
const namesOf = ({ nodes }: Row): string => {
  const known = sets.get(nodes) ?? nodeSet(nodes.slice(0, NAMES).map(({ name }) => name)) + (nodes.length > NAMES ? ',…' : '');
  sets.set(nodes, known);
  return known;
};

/** For how long it is at it, or took; with `wide` also how long it may. */
const timeOf = ({ since, withinMs, run }: NodeView, now: number, wide: boolean): { readonly text: string; readonly late: boolean } => {
  if (run.outcome !== undefined && run.startedAt !== undefined) return { text: age((run.endedAt ?? now) - run.startedAt), late: false };
  if (since === undefined) return { text: '', late: false };
  const late = withinMs !== undefined && now - since > withinMs * LATE;
  return { text: `${age(now - since)}${wide && withinMs !== undefined ? `/${bound(withinMs)}` : ''}`, late };
};

const isQuiet = ({ standing }: NodeView): boolean =>
  standing === 'pending' || standing === 'succeeded' || standing === 'cancelled' || standing === 'rolled-back';

const rowLine = (row: Row, model: Model, widths: Columns, selected: boolean, columns: number): Line => {
  const { first, nodes } = row;
  const { sign, tone } = shown[first.standing];
  const folded = nodes.length > 1;
  const gap = ' '.repeat(widths.gap);
  const quiet: Tone = isQuiet(first) ? 'dim' : 'plain';
  const name = folded && widths.name < 14 ? `${nodes.length} nodes` : namesOf(row);
  const at = atWords(first);
  const loud = first.standing === 'failed' ? 'bad' : quiet;
  const words = folded ? `${nodes.length} nodes${first.why === '' ? '' : `, one: ${first.why}`}` : first.why;
  const strip = first.strip === '' ? signs.pending.repeat(model.outline?.length ?? 0) : first.strip;
  const drawn = squeeze(strip, widths.strip);
  const time = folded && isQuiet(first) ? { text: '', late: false } : timeOf(row.longest, model.now, widths.time > 8);
  const spans: Span[] = [
    span(selected ? '› ' : '  '),
    span(sign, tone),
    span(' '),
    span(fill(name, widths.name), quiet),
    span(gap),
    ...(isQuiet(first) ? [span(drawn, 'dim')] : stripLine(drawn)),
    span(' '.repeat(Math.max(0, widths.strip - drawn.length)) + gap),
    ...(widths.step === 0
      ? [span(fill(words === '' || widths.why < 24 ? at : `${cut(at, Math.max(10, widths.why - 24))}: ${words}`, widths.why), loud)]
      : [span(fill(at, widths.step), quiet), span(gap), span(fill(words, widths.why), loud)]),
    span(gap),
    span(fillLeft(time.text, widths.time), time.late ? 'warn' : quiet),
  ];
  const line = fit(spans, columns);
  return selected ? line.map(({ text }) => span(text, 'selected')) : line;
};

const heading = ({ name, strip, step, why, time }: Columns, columns: number): Line =>
  fit(
    [
      span(`    ${fill('NODE', name)}  ${fill('STEPS', strip)}  `, 'dim'),
      span(step === 0 ? fill('AT', why) : `${fill('AT', step)}  ${fill('WHY', why)}`, 'dim'),
      span(`  ${fillLeft('TIME', time)}`, 'dim'),
    ],
    columns,
  );

/** All there is to say of the row under the cursor, which the row itself may have no room for. */
const detailLines = (row: Row | undefined, model: Model, columns: number, count: number): readonly Line[] => {
  if (count === 0) return [];
  if (row === undefined) return count === 1 ? [[]] : [rule('', columns), ...Array.from({ length: count - 1 }, (): Line => [])];
  const { first, nodes } = row;
  const time = nodes.length > 1 && isQuiet(first) ? '' : timeOf(row.longest, model.now, false).text;
  const limit = first.withinMs === undefined ? '' : `, may take ${bound(first.withinMs)}`;
  const title = nodes.length > 1 ? `${nodes.length} nodes` : first.name;
  const words = `${atWords(first)}${time === '' ? '' : ` (${time}${limit})`}${first.why === '' ? '' : `: ${first.why}`}`;
  const all = nodes.length > 1 ? `${namesOf(row)}: ${words}` : words;
  if (count === 1) return [[span(cut(all, columns), 'strong')]];
  const lines = wrap(all, columns, count - 1).map((text): Line => [span(text)]);
  return [rule(title, columns), ...lines, ...Array.from({ length: count - 1 - lines.length }, (): Line => [])];
};

/** The fleet: a row a node, or a folded group; what wants a person stays on top. Only what is in sight is made. */
export const fleetFrame = (ui: Ui, model: Model, size: Size): Frame => {
  const { columns } = size;
  const parts = fleetParts(size);
  const rows = rowsOf(model, ui.fleet);
  const at = rowAt(rows, ui.fleet.cursor);
  const row = rows.all[at];
  const bottom = bottomOf(ui, model, size, parts, detailLines(row, model, columns, parts.detail), {
    target: targetOf(ui, model),
    looks: [
      { key: 'enter', label: row !== undefined && row.nodes.length > 1 ? 'unfold' : 'look' },
      { key: '/', label: 'filter' },
      ...(rows.pinned > 0 ? [{ key: 'n', label: 'next ⏸ ×' }] : []),
      { key: 's', label: 'sort' },
      { key: 'z', label: 'fold' },
      { key: 'q', label: 'leave' },
    ],
  });
  const room = size.rows - parts.header - parts.heading - bottom.lines.length;
  const widths = columnsFor(model, columns);
  const windows = twoWindows({ pinned: rows.pinned, count: rows.all.length }, room, ui.fleet.top, at);
  const lineAt = (index: number): Line => {
    const one = rows.all[index];
    return one ? rowLine(one, model, widths, index === at, columns) : [];
  };
  const part = ({ from, to }: { readonly from: number; readonly to: number }): readonly Line[] =>
    Array.from({ length: to - from }, (_, index) => lineAt(from + index));
  const body = ui.ask?.back
    ? wayBackLines(ui.ask.back, model, columns, room, ui.ask.top)
    : rows.all.length === 0
      ? [[span('  no node fits the filter; escape takes it away', 'dim')]]
      : [...part(windows.pinned), ...part(windows.rest)];
  const blank = Array.from({ length: Math.max(0, room - body.length) }, (): Line => []);
  const top = [...headerLines(ui, model, rows, size, parts.header), ...(parts.heading > 0 ? [heading(widths, columns)] : [])];
  const lines = [...top, ...body, ...blank, ...bottom.lines].slice(0, size.rows);
  const cursor = bottom.cursor && { row: lines.length - bottom.lines.length + bottom.cursor.line, column: bottom.cursor.column };
  return { lines, ...(cursor && { cursor }) };
};
