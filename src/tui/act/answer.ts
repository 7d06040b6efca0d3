import { isApproval, openQuestion } from '../../words/todo.ts';
import type { NodeView } from '../model.ts';
import type { Ask, Typing } from '../ui.ts';
import { clean } from '../view/text.ts';
import { type Action, can, choice, named, namesOf, not, question } from './offer.ts';

const waitsAt = ({ run, standing }: NodeView): ReturnType<typeof openQuestion> => (standing === 'waits' ? openQuestion(run) : undefined);

/** The step whose state somebody else changed, which only a word settles. */
const contestedAt = ({ run, standing, step }: NodeView): string | undefined =>
  standing === 'waits' && run.stuck && run.parked?.includes('drover answer ') === true ? step : undefined;

/** Approves, or answers, what the nodes under the cursor wait for. */
export const answer: Action = {
  key: 'a',
  about: 'node',
  says: 'approve or answer what the node waits for',
  offer: (_model, { nodes }) => {
    const first = nodes.find(({ standing }) => standing === 'waits');
    if (first === undefined) return not('it waits for no answer');
    const open = waitsAt(first);
    if (open && isApproval(open.step)) {
      const { step } = open;
      return can('approve', () => {
        const same = nodes.filter((node) => waitsAt(node)?.step === step);
        const about = { nodes: namesOf(same), step };
        return question(
          `Approve ${step} on ${named(same)}? ${clean(open.instructions)}`,
          choice('y', 'approve', { type: 'answer', answer: 'yes', ...about }),
          choice('d', 'deny', { type: 'answer', answer: 'no', ...about }),
        );
      });
    }
    if (open) return not(`no answer is needed: it goes on when drover sees that it is done (${clean(open.instructions)})`);
    const step = contestedAt(first);
    if (step === undefined) return not('it waits for no answer');
    return can('answer', () => {
      const same = nodes.filter((node) => contestedAt(node) === step);
      const about = { nodes: namesOf(same), step };
      const resume = { type: 'resume', nodes: namesOf(same) } as const;
      return question(
        `${named(same)}, ${step}: ${clean(first.run.parked ?? '').replace(/; say drover answer.*$/, '')}`,
        choice('o', 'overwrite what they did', { type: 'answer', answer: 'overwrite', ...about }, resume),
        choice('k', 'keep what they did', { type: 'answer', answer: 'keep', ...about }, resume),
      );
    });
  },
};

/** Types an answer to what a step asks; most steps go by what they see, but a runbook may go by what it is told. */
export const answerInWords: Action = {
  key: 'A',
  about: 'node',
  says: 'answer in words what a step asks, where the runbook wants words',
  offer: (_model, { nodes }) => {
    const step = nodes.map(waitsAt).find((open) => open !== undefined && !isApproval(open.step))?.step;
    if (step === undefined) return not('it asks for no words');
    const same = namesOf(nodes.filter((node) => waitsAt(node)?.step === step));
    return { can: true, label: 'answer', type: () => ({ what: 'answer', text: '', step, nodes: same }) };
  },
};

/** Asks about an answer that was typed. */
export const askWords = ({ text, step, nodes }: Typing & { readonly what: 'answer' }): Ask =>
  question(
    `Answer ${step} on ${named(nodes.map((name) => ({ name })))} with "${text}"? the runbook decides what it makes of that`,
    choice('y', 'answer', { type: 'answer', step, answer: text, nodes }, { type: 'resume', nodes }),
  );
