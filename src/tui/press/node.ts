import type { Model, NodeView } from '../model.ts';
import { nodeOf, stepsOf } from '../steps-of.ts';
import type { Key, NodeUi, Pressed, Ui } from '../ui.ts';
import type { Size } from '../view/frame.ts';
import { nodeParts } from '../view/geometry.ts';
import { lookAt } from './fleet.ts';
import { moved } from './move.ts';
import { matchesIn, outputOf } from '../output.ts';

const leave = (ui: Ui): Pressed => {
  const { node, ...rest } = ui;
  const fleet = node === undefined ? ui.fleet : { ...ui.fleet, cursor: { row: node.name, node: node.name } };
  return { ui: { ...rest, fleet }, effects: [{ do: 'look-at', node: null }] };
};

/** What a key does in the output: scrolling back stops following, the end follows again. */
const pressOutput = (ui: Ui, node: NodeUi, model: Model, name: string, room: number): Pressed | undefined => {
  const { lines } = outputOf(model, node);
  const put = (next: NodeUi): Pressed => ({ ui: { ...ui, node: next }, effects: [] });
  const follow = (): Pressed => {
    const { last: _last, ...rest } = node;
    return put(rest);
  };
  const last = Math.min(node.last ?? lines.length, lines.length);
  if (name === 'f') return follow();
  if (name === 'n' || name === 'N') {
    const found = matchesIn(lines, node.search);
    if (node.search === '') return { ui: { ...ui, notice: { words: '/ searches first', bad: true } }, effects: [] };
    const next = name === 'n' ? found.find((index) => index > last - 1) : found.findLast((index) => index < last - 1);
    if (next === undefined)
      return {
        ui: { ...ui, notice: { words: `no ${name === 'n' ? 'later' : 'earlier'} line with ${node.search}`, bad: true } },
        effects: [],
      };
    return put({ ...node, last: next + 1 });
  }
  const to = moved(name, last - 1, lines.length, room);
  if (to === undefined) return undefined;
  if (to >= lines.length - 1) return follow();
  return put({ ...node, last: Math.max(to + 1, Math.min(room, lines.length)) });
};

const neighbour = (ui: Ui, model: Model, name: string, by: number): Pressed => {
  const place = model.index.get(name) ?? 0;
  const next = model.nodes[(place + by + model.nodes.length) % model.nodes.length];
  return next === undefined ? { ui, effects: [] } : lookAt(ui, next.name);
};

const pressSteps = (ui: Ui, node: NodeUi, view: NodeView, name: string, room: number): Pressed | undefined => {
  const steps = stepsOf(view);
  const at = Math.max(
    0,
    steps.findIndex(({ id }) => id === (node.step ?? view.step)),
  );
  const to = moved(name, at, steps.length, room);
  const step = to === undefined ? undefined : steps[to]?.id;
  if (to === undefined) return undefined;
  return { ui: { ...ui, node: { ...node, ...(step !== undefined && { step }) } }, effects: [] };
};

/** What a key of the node view does; undefined when it is none. */
export const pressNode = (ui: Ui, node: NodeUi, model: Model, { name }: Key, size: Size): Pressed | undefined => {
  const view = nodeOf(model, node.name);
  if (view === undefined) return leave(ui);
  const parts = nodeParts(size, stepsOf(view).length, node.pane);
  switch (name) {
    case 'escape':
    case 'h':
    case 'left':
    case 'q':
      return leave(ui);
    case 'tab':
      return { ui: { ...ui, node: { ...node, pane: node.pane === 'steps' ? 'output' : 'steps' } }, effects: [] };
    case '[':
      return neighbour(ui, model, node.name, -1);
    case ']':
      return neighbour(ui, model, node.name, 1);
    case '/':
      return {
        ui: { ...ui, node: { ...node, pane: 'output' }, typing: { what: 'search', text: '', before: node.search } },
        effects: [],
      };
    default:
      return node.pane === 'output'
        ? pressOutput(ui, node, model, name, Math.max(1, parts.output - 1))
        : pressSteps(ui, node, view, name, parts.steps);
  }
};
