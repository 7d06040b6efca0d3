import type { Ask } from './action.ts';
import { sameJson } from './json.ts';

/** What becomes of a node when a step of it fails: it stays as it is, or goes back by itself. */
export type Otherwise = 'stays' | 'goes-back';

/** What a person was asked: the ask itself, and what follows when nothing comes of it. Optional, because older records have only the instructions. */
export type Asking = Omit<Ask, 'via'> & {
  /** Epoch ms: until when it may take. */
  readonly untilMs?: number;
  /** The runbook sets no bound, so it is drover's own. */
  readonly byDefault?: true;
  /** What follows when the step fails then. */
  readonly otherwise?: Otherwise;
};

/** What the journal knows of what a step asks; `at` is epoch ms. */
export type Asked = Asking & { readonly at: number };

const given = ({ instructions, to, choices, words, untilMs, byDefault, otherwise }: Asking): Asking => ({
  instructions,
  ...(to !== undefined && { to }),
  ...(choices !== undefined && { choices }),
  ...(words !== undefined && { words }),
  ...(untilMs !== undefined && { untilMs }),
  ...(byDefault !== undefined && { byDefault }),
  ...(otherwise !== undefined && { otherwise }),
});

/** What `step.asked` tells. */
export const askedBy = (event: Asking & { readonly at: number }): Asked => ({ ...given(event), at: event.at });

/** Whether the same was asked already, since the step has its time. */
export const isAsked = (asked: Asked | undefined, asking: Asking, startedAt: number): boolean =>
  asked !== undefined && asked.at >= startedAt && sameJson(given(asked), given(asking));

/** What answer counts: one of these, any words, or none, because drover looks for itself whether it is done. */
export type Takes =
  { readonly kind: 'choices'; readonly choices: readonly string[] } | { readonly kind: 'words' } | { readonly kind: 'none' };

const APPROVAL = ['yes', 'no'] as const;

/** What answer a step takes that has asked; a record of an older version tells it only by the id of an approval. */
export const takesOf = (step: string, { choices, words }: Pick<Asked, 'choices' | 'words'>): Takes => {
  if (choices !== undefined && choices.length > 0) return { kind: 'choices', choices };
  if (words === true) return { kind: 'words' };
  return /^(undo\.)?approval\b/.test(step) ? { kind: 'choices', choices: APPROVAL } : { kind: 'none' };
};

/** Whether a yes is among the answers: what `drover approve` says. */
export const takesYes = (takes: Takes): boolean => takes.kind === 'choices' && takes.choices.includes('yes');
