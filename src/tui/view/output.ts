import { count } from '../../core/count.ts';
import type { Model, OutputLine } from '../model.ts';
import { matchesIn, outputOf } from '../output.ts';
import type { NodeUi } from '../ui.ts';
import type { Line, Look, Span } from './frame.ts';
import { rule } from './rule.ts';
import { clean, cut, fill, fit, span } from './text.ts';
import { timeOfDay } from './time.ts';

/** A line with what was searched for made visible. */
const marked = (text: string, search: string): readonly Span[] => {
  const at = search === '' ? -1 : text.toLowerCase().indexOf(search.toLowerCase());
  if (at === -1) return [span(text)];
  const end = at + search.length;
  return [span(text.slice(0, at)), span(text.slice(at, end), 'selected'), ...marked(text.slice(end), search)];
};

const lineOf = ({ at, step, line }: OutputLine, search: string, columns: number, { timeZone = 'UTC' }: Look): Line => {
  const head: Span[] = [
    ...(columns >= 60 ? [span(`${timeOfDay(at, timeZone)} `, 'dim')] : []),
    ...(columns >= 100 ? [span(`${fill(step, 24)} `, 'dim')] : []),
  ];
  return fit([...head, ...marked(cut(clean(line), columns), search)], columns);
};

/** What the commands on a node printed: the last lines, or those that were scrolled back to. */
export const outputLines = (node: NodeUi, model: Model, room: number, columns: number, look: Look): readonly Line[] => {
  if (room <= 0) return [];
  const { known, lines } = outputOf(model, node);
  const last = Math.min(node.last ?? lines.length, lines.length);
  const where = node.last === undefined || last === lines.length ? 'following' : `line ${last} of ${lines.length}, f follows`;
  const found = node.search === '' ? '' : `, "${node.search}": ${count(matchesIn(lines, node.search).length, 'line')}`;
  const title = `output, ${where}${found}`;
  const end = Math.max(last, Math.min(lines.length, room - 1));
  const shown = lines.slice(Math.max(0, end - (room - 1)), end);
  const none: Line = [span(known ? 'nothing was printed' : 'is being looked up', 'dim')];
  const body = lines.length === 0 ? [none] : shown.map((line) => lineOf(line, node.search, columns, look));
  return [
    rule(title, columns, node.pane === 'output' ? 'key' : 'dim'),
    ...body,
    ...Array.from({ length: Math.max(0, room - 1 - body.length) }, (): Line => []),
  ].slice(0, room);
};
