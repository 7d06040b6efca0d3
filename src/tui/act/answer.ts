import { type Takes, takesOf, takesYes } from '../../core/asked.ts';
import { openQuestion } from '../../core/question.ts';
import type { NodeView } from '../model.ts';
import type { Ask, Typing } from '../ui.ts';
import { clean } from '../view/text.ts';
import { type Action, can, choice, named, namesOf, not, question } from './offer.ts';

/** What a node waits for at a step, and what answer counts there. */
type Open = { readonly step: string; readonly instructions: string; readonly takes: Takes };

const waitsAt = ({ run, standing }: NodeView): Open | undefined => {
  const open = standing === 'waits' ? openQuestion(run) : undefined;
  if (open === undefined) return undefined;
  return {
    step: open.step,
    instructions: clean(open.asked.instructions),
    takes: takesOf(open.step, open.asked),
  };
};

/** The step whose state somebody else changed, which only a word settles. */
const contestedAt = ({ run, standing, step }: NodeView): string | undefined =>
  standing === 'waits' && run.stuck && run.parked?.includes('drover answer ') === true ? step : undefined;

/** Chooses among the answers that a step takes: a yes and a no have keys of their own, others are counted. */
const choose = (nodes: readonly NodeView[], { step, instructions, takes }: Open, choices: readonly string[]): Ask => {
  const same = nodes.filter((node) => waitsAt(node)?.step === step);
  const about = { nodes: namesOf(same), step };
  const keys = choices.map((text, index) => {
    const key = takesYes(takes) ? { yes: 'y', no: 'd' }[text] : undefined;
    return choice(key ?? String(index + 1), takesYes(takes) ? ({ yes: 'approve', no: 'deny' }[text] ?? text) : text, {
      type: 'answer',
      answer: text,
      ...about,
    });
  });
  return question(`${takesYes(takes) ? 'Approve' : 'Answer'} ${step} on ${named(same)}? ${instructions}`, ...keys);
};

/** Approves, or answers, what the nodes under the cursor wait for. */
export const answer: Action = {
  key: 'a',
  about: 'node',
  says: 'approve or answer what the node waits for',
  offer: (_model, { nodes }) => {
    const first = nodes.find(({ standing }) => standing === 'waits');
    if (first === undefined) return not('it waits for no answer');
    const step = contestedAt(first);
    if (step !== undefined)
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
    const open = waitsAt(first);
    if (open === undefined) return not('it waits for no answer');
    const { takes } = open;
    switch (takes.kind) {
      case 'choices':
        return can(takesYes(takes) ? 'approve' : 'answer', () => choose(nodes, open, takes.choices));
      case 'words':
        return not('it wants an answer in words: A types one');
      case 'none':
        return not(`no answer is needed: it goes on when drover sees that it is done (${open.instructions})`);
    }
  },
};

/** The step at which a node waits for an answer in words. */
const wordsAt = (node: NodeView): string | undefined => {
  const open = waitsAt(node);
  return open?.takes.kind === 'words' ? open.step : undefined;
};

/** Types an answer to what a step asks; only where the runbook goes by what it is told, and not by what it sees. */
export const answerInWords: Action = {
  key: 'A',
  about: 'node',
  says: 'answer in words what a step asks, where the runbook wants words',
  offer: (_model, { nodes }) => {
    const step = nodes.map(wordsAt).find((at) => at !== undefined);
    if (step === undefined) return not('it asks for no words');
    const same = namesOf(nodes.filter((node) => wordsAt(node) === step));
    return { can: true, label: 'answer', type: () => ({ what: 'answer', text: '', step, nodes: same }) };
  },
};

/** Asks about an answer that was typed. */
export const askWords = ({ text, step, nodes }: Typing & { readonly what: 'answer' }): Ask =>
  question(
    `Answer ${step} on ${named(nodes.map((name) => ({ name })))} with "${text}"? the runbook decides what it makes of that`,
    choice('y', 'answer', { type: 'answer', step, answer: text, nodes }),
  );
