import type { NodeView } from '../model.ts';
import { type Action, can, choice, isOpen, named, namesOf, not, question } from './offer.ts';
import { isUndo } from '../../core/undo.ts';

const canReplay = ({ run }: NodeView): boolean => run.outcome !== undefined && run.outcome !== 'succeeded';

const whyNot = (nodes: readonly NodeView[]): string =>
  nodes.some(isOpen) ? 'it has not ended: there is nothing to try again' : 'it ended as wished: there is nothing to try again';

/** Tries what did not end as wished again, from the step that failed. */
export const retry: Action = {
  key: 'r',
  about: 'node',
  says: 'retry the step that failed',
  offer: (_model, { nodes }) => {
    const first = nodes.find(canReplay);
    if (first === undefined) return not(whyNot(nodes));
    const from =
      first.run.plan === 'rollback' ? 'from the beginning' : first.step === undefined ? 'where it stopped' : `from ${first.step}`;
    return can('retry', () => {
      const again = nodes.filter(canReplay);
      return question(
        `Retry ${named(again)} ${from}? what is not as wished is done again; a proof that failed needs another boot`,
        choice('y', 'retry', { type: 'replay', nodes: namesOf(again) }),
      );
    });
  },
};

/** Replays from the step under the cursor. */
export const replayFrom: Action = {
  key: 'R',
  about: 'node',
  says: 'replay from the step under the cursor, in the view of a node',
  offer: (_model, { nodes, step }) => {
    if (!nodes.some(canReplay)) return not(whyNot(nodes));
    if (step === undefined) return not('choose a step first: enter shows the steps, R replays from the one under the cursor');
    if (isUndo(step)) return not('this step belongs to the way back: r retries it');
    return can('replay from here', () => {
      const again = nodes.filter(canReplay);
      return question(
        `Replay ${named(again)} from ${step}? all from there on is looked at again, and done again where it is needed`,
        choice('y', 'replay', { type: 'replay', from: step, nodes: namesOf(again) }),
      );
    });
  },
};
