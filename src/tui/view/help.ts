import { actions } from '../act/all.ts';
import type { Ui } from '../ui.ts';
import type { Frame, Line, Size } from './frame.ts';
import { signs } from './signs.ts';
import { signTone } from './standing.ts';
import { fill, fit, span } from './text.ts';

const keyLine = (key: string, says: string): Line => [span(`  ${fill(key, 14)}`, 'key'), span(says)];
const title = (text: string): Line => [span(text, 'strong')];

const about = (kind: 'node' | 'run'): readonly Line[] =>
  actions.filter((action) => action.about === kind).map(({ key, says }) => keyLine(key, says));

const all: readonly Line[] = [
  title('The node under the cursor, or all nodes of a folded group; each asks first'),
  ...about('node'),
  [],
  title('The run'),
  ...about('run'),
  keyLine('q', 'leave the screen; says who goes on with the run'),
  keyLine('ctrl+c', 'the same; twice, at once'),
  keyLine('ctrl+z', 'stop for a while; fg comes back'),
  [],
  title('Moving'),
  keyLine('j k, arrows', 'down, up'),
  keyLine('ctrl+d ctrl+u', 'half a page down, up; ctrl+f and ctrl+b, page keys: a page'),
  keyLine('g G', 'to the beginning, to the end'),
  keyLine('n N', 'the next, the last before, that failed or waits for you'),
  keyLine('enter', 'look at the node; unfold the group'),
  keyLine('esc', 'back; in the fleet, take the filter away'),
  keyLine('/', 'filter the fleet: words that have to be there, !word must not'),
  keyLine('s', 'sort by state, name, time'),
  keyLine('space', 'fold or unfold what stands alike'),
  keyLine('z', 'fold big groups, all, none'),
  [],
  title('In a node'),
  keyLine('tab', 'between the steps and the output'),
  keyLine('/ n N', 'search in the output; later, earlier'),
  keyLine('f, G', 'follow the output again'),
  keyLine('[ ]', 'the node before, the next one'),
  [],
  title('Playing history'),
  keyLine('t', 'stop, go on'),
  keyLine('< >', 'half, twice as fast'),
  keyLine(', .', 'back, ahead'),
  [],
  title('Signs'),
  ...Object.entries(signs).map(([name, sign]): Line => [
    span(`  ${fill(sign, 14)}`, signTone(sign)),
    span(name === 'waits' ? 'waits for you' : name),
  ]),
];

/** How many lines the list of keys has. */
export const helpCount = all.length;

/** The list of keys, from the line that it was scrolled to. */
export const helpFrame = ({ help = 0 }: Ui, { columns, rows }: Size): Frame => {
  const room = rows - 1;
  const from = Math.max(0, Math.min(help, all.length - room));
  const shown = all.slice(from, from + room).map((line) => fit(line, columns));
  const more = from + room < all.length ? 'j shows more, any other key goes back' : 'any other key goes back';
  const blank = Array.from({ length: Math.max(0, room - shown.length) }, (): Line => []);
  return { lines: [...shown, ...blank, fit([span(more, 'dim')], columns)] };
};
