import { actions } from '../act/all.ts';
import type { Target } from '../act/offer.ts';
import type { Model } from '../model.ts';
import { rowAt, rowsOf } from '../rows.ts';
import { nodeOf } from '../steps-of.ts';
import type { Key, Pressed, Ui } from '../ui.ts';
import { put } from './ask.ts';

/** What the actions are about now: the node that is looked at and the step under the cursor, else the nodes of the row. */
export const targetOf = (ui: Ui, model: Model): Target => {
  if (ui.node) {
    const view = nodeOf(model, ui.node.name);
    const step = ui.node.step ?? view?.step;
    return { nodes: view ? [view] : [], ...(step !== undefined && { step }) };
  }
  const rows = rowsOf(model, ui.fleet);
  return { nodes: rows.all[rowAt(rows, ui.fleet.cursor)]?.nodes ?? [] };
};

/** What a key says to the run, after a question; why it makes no sense now, if it does not. Undefined when it is no such key. */
export const pressAct = (ui: Ui, model: Model, { name }: Key): Pressed | undefined => {
  const action = actions.find(({ key }) => key === name);
  if (action === undefined) return undefined;
  const told = (words: string): Pressed => ({ ui: { ...ui, notice: { words, bad: true } }, effects: [] });
  if (ui.play) return told('this is history: nothing can be said to it; drover watch shows the run as it stands');
  const offer = action.offer(model, targetOf(ui, model));
  if (!offer.can) return told(`${name}: ${offer.why}`);
  return 'type' in offer ? { ui: { ...ui, typing: offer.type() }, effects: [] } : put(ui, offer.ask());
};
