import type { Model, NodeView } from '../model.ts';
import { nodeSet } from '../node-set.ts';
import type { Ask, Saying, Typing } from '../ui.ts';

/** What an action is about: the nodes under the cursor, and the step under it where steps are shown. */
export type Target = { readonly nodes: readonly NodeView[]; readonly step?: string };

/** What an action comes to now: a question first, made when it is asked; or words that have to be typed first; or why it makes no sense. */
export type Offer =
  | { readonly can: true; readonly label: string; readonly ask: () => Ask }
  | { readonly can: true; readonly label: string; readonly type: () => Typing }
  | { readonly can: false; readonly why: string };

/** One thing that a person can do to nodes or the run, with its key. */
export type Action = {
  readonly key: string;
  readonly about: 'node' | 'run';
  /** What the list of keys says. */
  readonly says: string;
  readonly offer: (model: Model, target: Target) => Offer;
};

/** It makes no sense now, because. */
export const not = (why: string): Offer => ({ can: false, why });

/** It makes sense: what the hint says, and the question. */
export const can = (label: string, ask: () => Ask): Offer => ({ can: true, label, ask });

/** A question; every key but those of its choices is no. */
export const question = (words: string, ...choices: Ask['choices']): Ask => ({ question: words, choices });

/** A choice of a question: what is said to the run. */
export const choice = (key: string, label: string, ...records: readonly Saying[]): Ask['choices'][number] => ({
  key,
  label,
  effects: [{ do: 'say', records }],
});

/** Nodes in a question: one by its name, many as a set with their number. */
export const named = (nodes: readonly { readonly name: string }[]): string => {
  const set = nodeSet(nodes.map(({ name }) => name));
  return nodes.length === 1 ? set : `${set} (${nodes.length} nodes)`;
};

/** The names of nodes, as a record takes them. */
export const namesOf = (nodes: readonly NodeView[]): readonly string[] => nodes.map(({ name }) => name);

/** Whether something may still happen to a node. */
export const isOpen = ({ run }: NodeView): boolean => run.outcome === undefined;

/** Whether a node would be left where drover took it out of service. */
export const isOutOfService = ({ run }: NodeView): boolean => run.openBrackets.length > 0;

/** All that has begun, or waits to: the nodes, and what runs once. */
export const everything = ({ nodes, after }: Model): readonly NodeView[] => (after ? [...nodes, after] : nodes);

/** Whether the run has ended, with nothing under way. */
export const isOver = (model: Model): boolean =>
  model.run.runOutcome !== undefined && !model.nodes.some(({ run }) => run.plan !== undefined && run.outcome === undefined);
