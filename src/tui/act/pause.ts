import type { NodeView } from '../model.ts';
import { type Action, can, choice, everything, isOpen, isOutOfService, isOver, named, namesOf, not, question } from './offer.ts';

/** Waits for nothing but a word, and that word is `resume`. */
const canResume = ({ run, standing }: NodeView): boolean => standing === 'paused' || (standing === 'waits' && run.stuck);
const canPause = (node: NodeView): boolean => isOpen(node) && !canResume(node);

const stops = (nodes: readonly NodeView[]): string =>
  `stops after the current action${nodes.some(isOutOfService) ? ', out of service as it is,' : ''} until somebody resumes`;

/** Pauses the nodes under the cursor; those that are paused, or stuck, go on. */
export const pauseNodes: Action = {
  key: 'p',
  about: 'node',
  says: 'pause the node after its current action, or let it go on',
  offer: (_model, { nodes }) => {
    if (nodes.some(canPause))
      return can('pause', () => {
        const moving = nodes.filter(canPause);
        return question(`Pause ${named(moving)}? ${stops(moving)}`, choice('y', 'pause', { type: 'pause', nodes: namesOf(moving) }));
      });
    if (!nodes.some(isOpen)) return not('it has ended: there is nothing to pause');
    return can('resume', () => {
      const resting = nodes.filter(canResume);
      return question(
        `Resume ${named(resting)}, from where it stands?`,
        choice('y', 'resume', { type: 'resume', nodes: namesOf(resting) }),
      );
    });
  },
};

/** Pauses the whole run; what is paused goes on. */
export const pauseRun: Action = {
  key: 'P',
  about: 'run',
  says: 'pause the whole run, or let it go on',
  offer: (model) => {
    if (isOver(model)) return not('the run has ended: there is nothing to pause');
    const ill = Object.keys(model.run.unhealthy);
    const resume = choice('y', 'resume', { type: 'resume' });
    if (ill.length > 0)
      return can('resume', () =>
        question(`Resume the run, although ${ill.join(', ')} turned unhealthy while it soaked? other nodes begin then`, resume),
      );
    if (!everything(model).some(canPause))
      return can('resume', () => question(`Resume the run, with ${named(everything(model).filter(canResume))}?`, resume));
    return can('pause', () => {
      const open = everything(model).filter(isOpen);
      const moving = open.filter(canPause);
      const resting = open.length - moving.length;
      const words = `Pause the run? ${named(moving)}: ${stops(moving)}; nothing new begins`;
      const pause = choice('y', 'pause', { type: 'pause' });
      return resting === 0
        ? question(words, pause)
        : question(words, pause, choice('r', `resume the ${resting} paused`, { type: 'resume' }));
    });
  },
};
