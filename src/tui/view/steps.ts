import type { Outline } from '../../core/plan.ts';
import { type StepState, isSettled } from '../../core/reduce.ts';
import { withinMs } from '../../core/step.ts';
import type { Model, NodeView } from '../model.ts';
import { stepsOf } from '../steps-of.ts';
import { windowOn } from '../window.ts';
import { evidence } from './evidence.ts';
import type { Line } from './frame.ts';
import { type SignName, signOf, signOfStep, signs } from './signs.ts';
import { signTone } from './standing.ts';
import { cells, fill, fillLeft, fit, span } from './text.ts';
import { age, bound } from './time.ts';

type Entry = Outline[number];

/** The sign of a step of a node, of the way there or the way back. */
const signAt = ({ run, standing, step }: NodeView, id: string): SignName => {
  const waitsAt = standing === 'waits' ? step : undefined;
  return id.startsWith('undo.') ? signOf(run.steps[id], id === waitsAt) : signOfStep(run, id, waitsAt);
};

const timeOf = (entry: Entry, state: StepState | undefined, now: number, wide: boolean): string => {
  if (state?.startedAt === undefined) return '';
  const over = isSettled(state) || state.phase === 'failed';
  if (over) return age((state.endedAt ?? now) - state.startedAt);
  if (state.phase === 'pending') return '';
  const limit = withinMs(entry, state.asked !== undefined);
  return `${age(now - state.startedAt)}${wide && limit > 0 ? `/${bound(limit)}` : ''}`;
};

/** How wide the columns of the steps are. */
const widthsFor = (steps: Outline, columns: number): { readonly id: number; readonly time: number; readonly rest: number } => {
  const time = columns >= 100 ? 13 : 6;
  const longest = Math.max(8, ...steps.map(({ id }) => cells(id)));
  const room = columns - 4 - 2 - 8 - 2 - time;
  // a column of a few cells tells nothing
  const id = Math.min(longest, columns >= 60 ? Math.floor((room - 2) / 2) : room);
  return { id, time, rest: Math.max(0, room - id - 2) };
};

/** The heading above the steps. */
export const stepsHeading = (view: NodeView, columns: number): Line => {
  const { id, time, rest } = widthsFor(stepsOf(view), columns);
  return fit(
    [
      span(
        `    ${fill('STEP', id)}  ${fill('STATE', 8)}  ${fillLeft('TIME', time)}${rest === 0 ? '' : `  ${fill('EVIDENCE', rest)}`}`,
        'dim',
      ),
    ],
    columns,
  );
};

/** The steps of a node, as many as there is room for; the one under the cursor is among them. */
export const stepLines = (
  view: NodeView,
  model: Model,
  at: string | undefined,
  room: number,
  columns: number,
  active: boolean,
): readonly Line[] => {
  const steps = stepsOf(view);
  const cursor = Math.max(
    0,
    steps.findIndex(({ id }) => id === at),
  );
  const widths = widthsFor(steps, columns);
  // the cursor stands in the middle where it can, so that what comes next is in sight
  const { from, to } = windowOn(steps.length, room, cursor - Math.floor(room / 2), cursor);
  return steps.slice(from, to).map((entry, index): Line => {
    const state = view.run.steps[entry.id];
    const sign = signAt(view, entry.id);
    const selected = from + index === cursor;
    const quiet = sign === 'pending' || sign === 'skipped' ? 'dim' : 'plain';
    const line = fit(
      [
        span(selected ? '› ' : '  '),
        span(signs[sign], signTone(signs[sign])),
        span(' '),
        span(fill(entry.id, widths.id), quiet),
        span('  '),
        span(fill(sign, 8), sign === 'failed' ? 'bad' : quiet),
        span('  '),
        span(fillLeft(timeOf(entry, state, model.now, widths.time > 8), widths.time), quiet),
        span(widths.rest === 0 ? '' : '  '),
        span(fill(state ? evidence(state, entry.kind !== 'gate') : '', widths.rest), 'dim'),
      ],
      columns,
    );
    return selected && active ? line.map(({ text }) => span(text, 'selected')) : line;
  });
};
