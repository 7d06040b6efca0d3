import type { Model } from '../model.ts';
import { cells } from './text.ts';

/** How wide the columns of the fleet are. They depend on the run and the terminal only, so that nothing jumps. */
export type Columns = {
  readonly name: number;
  readonly strip: number;
  /** The step; 0 where the reason has to stand in the same column. */
  readonly step: number;
  readonly why: number;
  readonly time: number;
  /** The blanks between two columns. */
  readonly gap: number;
};

const widest = new WeakMap<Model['spec'], number>();
const widestName = ({ spec }: Model): number => {
  const known = widest.get(spec) ?? Math.max(4, ...spec.nodes.slice(0, 20_000).map(({ name }) => cells(name)));
  widest.set(spec, known);
  return known;
};

const WIDEST_PLAN = 14;

/** Shares a terminal's columns out for the fleet. */
export const columnsFor = (model: Model, columns: number): Columns => {
  const plan = model.outline?.length ?? WIDEST_PLAN;
  const [most, strip, step, time, folded] =
    columns >= 160 ? [40, 40, 52, 13, 16] : columns >= 100 ? [28, 24, 30, 13, 11] : columns >= 60 ? [18, 14, 0, 6, 6] : [10, 6, 0, 6, 1];
  const gap = columns >= 60 ? 2 : 1;
  // room for the numbers of a folded group
  const name = Math.min(most, widestName(model) + (model.nodes.length > 3 ? folded : 0));
  const strips = Math.min(strip, plan);
  // four cells for cursor and sign
  const rest = columns - 4 - name - gap - strips - gap - time - gap;
  return { name, strip: strips, step, why: Math.max(0, rest - (step === 0 ? 0 : step + gap)), time, gap };
};
