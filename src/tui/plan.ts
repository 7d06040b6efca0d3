import type { RunSpec } from '../core/event.ts';
import type { NodePreview } from '../engine/preview.ts';
import { moved } from './press/move.ts';
import type { Key } from './ui.ts';
import type { Size } from './view/frame.ts';
import { planParts } from './view/geometry.ts';
import { againstLines, planHeight } from './view/plan-lines.ts';

/** What a run would do, as it was looked at before anything is touched. */
export type PlanShown = {
  readonly spec: RunSpec;
  readonly nodes: readonly NodePreview[];
  /** The steps that run once, after the nodes. */
  readonly after: NodePreview | null;
  /** What keeps the run from beginning. */
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
};

/** How the plan is seen: the line under the cursor, the first one in sight, and which nodes are unfolded, by their place. */
export type PlanUi = { readonly line: number; readonly top: number; readonly open: readonly number[]; readonly notice?: string };

/** What was said to a plan. */
export type PlanAnswer = 'begin' | 'leave';

/** A plan as it is seen at first: one node is shown whole, of several the first. */
export const startPlan: PlanUi = { line: 0, top: 0, open: [0] };

/** All that is planned for: the nodes, and what runs once. */
export const planned = ({ nodes, after }: PlanShown): readonly NodePreview[] => (after ? [...nodes, after] : nodes);

/** Where a line of the plan belongs: the node's place, and the line that it begins at. */
export const nodeAt = (
  shown: PlanShown,
  { open }: Pick<PlanUi, 'open'>,
  line: number,
  columns: number,
): { readonly place: number; readonly from: number } => {
  let from = 0;
  const all = planned(shown);
  for (const [place, node] of all.entries()) {
    const height = planHeight(node, open.includes(place), columns);
    if (line < from + height) return { place, from };
    from += height;
  }
  return { place: Math.max(0, all.length - 1), from: Math.max(0, from - 1) };
};

/** How many lines the plan has as it is unfolded. */
export const linesIn = (shown: PlanShown, { open }: Pick<PlanUi, 'open'>, columns: number): number =>
  planned(shown).reduce((sum, node, place) => sum + planHeight(node, open.includes(place), columns), 0);

const inSight = (ui: PlanUi, room: number): PlanUi => ({ ...ui, top: Math.min(Math.max(ui.top, ui.line - room + 1), ui.line) });

/** More than that are not unfolded all at once. */
const MANY = 200;

/** What a key does in the plan; only `y` begins the run. */
export const pressPlan = (
  before: PlanUi,
  shown: PlanShown,
  { name }: Key,
  size: Size,
): { readonly state: PlanUi; readonly answer?: PlanAnswer } => {
  const { notice: _notice, ...ui } = before;
  const { columns } = size;
  const room = planParts(size, againstLines(shown, columns).length).body;
  const to = moved(name, ui.line, linesIn(shown, ui, columns), room);
  if (to !== undefined) return { state: inSight({ ...ui, line: to }, room) };
  switch (name) {
    case 'y':
      return shown.refusals.length > 0
        ? { state: { ...ui, notice: 'it is refused, so it cannot begin; nothing was touched' } }
        : { state: ui, answer: 'begin' };
    case 'n':
    case 'q':
    case 'escape':
    case 'ctrl+c':
      return { state: ui, answer: 'leave' };
    case 'enter':
    case 'space': {
      const { place, from } = nodeAt(shown, ui, ui.line, columns);
      const open = ui.open.includes(place) ? ui.open.filter((one) => one !== place) : [...ui.open, place];
      // what is unfolded begins at the top, so that there is something to be seen of it
      return { state: inSight({ ...ui, open, line: from, ...(open.includes(place) && { top: from }) }, room) };
    }
    case 'z': {
      const { place } = nodeAt(shown, ui, ui.line, columns);
      const all = planned(shown);
      if (all.length > MANY) return { state: { ...ui, notice: `more than ${MANY} nodes are not unfolded all at once: enter unfolds one` } };
      const open = ui.open.length === all.length ? [] : all.map((_node, index) => index);
      const line = all.slice(0, place).reduce((sum, node) => sum + planHeight(node, open.length > 0, columns), 0);
      return { state: inSight({ ...ui, open, line, top: line }, room) };
    }
    default:
      return { state: { ...ui, notice: `${name} is no key here` } };
  }
};
