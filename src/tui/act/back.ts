import { changed } from '../../core/advance.ts';
import type { NodeView } from '../model.ts';
import type { Ask } from '../ui.ts';
import { type Action, can, choice, everything, named, namesOf, not, question } from './offer.ts';

const canGoBack = ({ run }: NodeView): boolean =>
  (run.plan === 'forward' || (run.plan === 'rollback' && run.outcome === 'failed')) && changed(run);

/** The last that was changed goes back first. */
const backwards = (nodes: readonly NodeView[]): readonly string[] => namesOf(nodes).toReversed();

const withWayBack = (nodes: readonly NodeView[], ask: Ask): Ask => ({ ...ask, back: backwards(nodes) });

/** Takes the nodes under the cursor back. */
export const rollBackNodes: Action = {
  key: 'b',
  about: 'node',
  says: 'roll the node back; the way back is shown first',
  offer: (_model, { nodes }) => {
    if (nodes.some(canGoBack))
      return can('roll back', () => {
        const back = nodes.filter(canGoBack);
        return withWayBack(
          back,
          question(
            `Roll ${named(back)} back? out of service meanwhile; what was there before is put back as shown above`,
            choice('y', 'roll back', { type: 'rollback', nodes: backwards(back) }),
          ),
        );
      });
    const under = nodes.some(({ run }) => run.plan === 'rollback' && run.outcome === undefined);
    return not(under ? 'it is on the way back already' : 'nothing was changed here, or it was taken back');
  },
};

/** Takes the whole run back, and begins nothing new. */
export const rollBackRun: Action = {
  key: 'B',
  about: 'run',
  says: 'roll the whole run back; the ways back are shown first',
  offer: (model) => {
    if (!everything(model).some(canGoBack)) return not('nothing of this run is to be taken back');
    return can('roll back', () => {
      const back = everything(model).filter(canGoBack);
      return withWayBack(
        back,
        question(
          `Roll the whole run back? ${named(back)}, the last first, as shown above; nothing new begins`,
          choice('y', 'roll back', { type: 'rollback' }),
        ),
      );
    });
  },
};
