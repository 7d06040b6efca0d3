import type { NodeView } from '../model.ts';
import { type Action, can, choice, everything, isOpen, isOutOfService, named, namesOf, not, question } from './offer.ts';

const consequence = (open: readonly NodeView[]): string => {
  const out = open.filter(isOutOfService);
  return `what runs is stopped, nothing is taken back${out.length === 0 ? '' : `; left out of service: ${named(out)}`}`;
};

/** Cancels the nodes under the cursor. */
export const cancelNodes: Action = {
  key: 'x',
  about: 'node',
  says: 'cancel the node: it stops and stays as it is',
  offer: (_model, { nodes }) => {
    if (!nodes.some(isOpen)) return not('it has ended: there is nothing to cancel');
    return can('cancel', () => {
      const open = nodes.filter(isOpen);
      return question(`Cancel ${named(open)}? ${consequence(open)}`, choice('y', 'cancel', { type: 'cancel', nodes: namesOf(open) }));
    });
  },
};

/** Cancels the whole run. */
export const cancelRun: Action = {
  key: 'X',
  about: 'run',
  says: 'cancel the whole run',
  offer: (model) => {
    if (!everything(model).some(isOpen)) return not('all of it has ended: there is nothing to cancel');
    return can('cancel', () => {
      const open = everything(model).filter(isOpen);
      return question(`Cancel the whole run? ${named(open)}: ${consequence(open)}`, choice('y', 'cancel run', { type: 'cancel' }));
    });
  },
};
