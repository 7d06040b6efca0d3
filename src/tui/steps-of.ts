import { RUN_STREAM } from '../core/node.ts';
import type { Outline } from '../core/plan.ts';
import type { Model, NodeView } from './model.ts';

/** A node of the run by its name, or what runs once. */
export const nodeOf = (model: Model, name: string): NodeView | undefined => {
  if (name === RUN_STREAM) return model.after;
  const place = model.index.get(name);
  return place === undefined ? undefined : model.nodes[place];
};

/** The steps that a node goes or went through: those of the way there, and on the way back those of that behind them. */
export const stepsOf = ({ run, plan }: NodeView): Outline => {
  const there = run.outline ?? [];
  return run.plan === 'rollback' ? [...there, ...(plan ?? [])] : there;
};
