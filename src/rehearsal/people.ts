import { type Asking, takesOf } from '../core/asked.ts';
import { UsageError } from '../core/error.ts';
import type { Json } from '../core/json.ts';
import { UNDO, isUndo } from '../core/undo.ts';
import type { Hands } from './fleet.ts';

/** What a person is asked in a rehearsal. */
export type Question = {
  readonly node: string;
  readonly step: string;
  readonly instructions: string;
  readonly direction: 'forward' | 'back';
};

/** What a person does about it: gives this answer, or does something and gives the answer that comes of it, if one is asked for. */
export type Reaction = string | ((question: Question, hands: Hands) => string | void | Promise<string | void>);

/** What people do, by the step that asks; on the way back as on the way there, unless `undo.STEP` has something of its own. */
export type People = Readonly<Record<string, Reaction>>;

/** What comes of a question: an answer to give, null where the world has to show it, or undefined where nobody knows what to do. @throws UsageError */
export const react = async (people: People, hands: Hands, node: string, step: string, asking: Asking): Promise<Json | undefined> => {
  const own = people[step] ?? (isUndo(step) ? people[step.slice(UNDO.length)] : undefined);
  if (own === undefined) return undefined;
  const { instructions } = asking;
  const takes = takesOf(step, asking);
  const answer =
    typeof own === 'string'
      ? own
      : ((await own({ node, step, instructions, direction: isUndo(step) ? 'back' : 'forward' }, hands)) ?? null);
  if (takes.kind === 'none' && answer !== null)
    throw new UsageError(`step ${step} takes no answer, it waits until the world shows what was asked for: give a function that does it`);
  return answer;
};
