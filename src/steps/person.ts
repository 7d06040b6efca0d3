import type { Ask } from '../core/action.ts';
import type { Duration } from '../core/duration.ts';
import { type Fact, known } from '../core/fact.ts';
import type { Json } from '../core/json.ts';
import { type Change, type StepContext, change } from '../core/step.ts';

/** The answers to an approval. `drover approve` gives the first. */
export const APPROVAL_ANSWERS = ['yes', 'no'] as const;

const isYes = (answer: Json | undefined): boolean => answer === 'yes' || answer === true;

/**
 * Waits until a person says yes: `drover approve RUN approval:ID`. The only step that an answer alone fulfils. A no
 * ends it: the step fails at once, and asks again when it is replayed.
 *
 * @param id what is approved, e.g. `start`
 */
export const approval = (
  id: string,
  options: { readonly question: string; readonly within?: Duration; /** Whose yes it is, in words. */ readonly to?: string },
): Change => {
  const key = `approval:${id}`;
  const { question: instructions, to } = options;
  const ask: Ask = { via: 'person', instructions, choices: APPROVAL_ANSWERS, ...(to !== undefined && { to }) };
  return change<Json>({
    id: key,
    title: `approval: ${options.question}`,
    wish: options.question,
    ...(options.within !== undefined && { within: options.within }),
    // a yes that was said once stands; a no counts until the step is begun anew
    observe: ({ answers, answer = null }) => known(isYes(answers[key]) ? 'yes' : answer),
    unmet: (now) => {
      if (isYes(now)) return [];
      return [now === null ? `waits for an approval: ${options.question}` : `a person said ${JSON.stringify(now)} to: ${options.question}`];
    },
    apply: (now) => (now === null ? [ask] : []),
    rollback: () => [],
  });
};

/** Work for a person, and how the world shows that it is done. */
export type AskedWish<S extends Json> = {
  readonly id: string;
  readonly title: string;
  readonly wish: Json;
  /** How long they have; 24h when left out. */
  readonly within?: Duration;
  /** Who is asked, in words: `the vCenter team`. */
  readonly to?: string;
  /** What is to be done, and with `back` how to take it back. */
  readonly instructions: (direction: 'forward' | 'back') => string;
  /** Set where `observe` goes by what people answer (`ctx.answers[id]`): one of these, or any words. Left out, no answer counts. */
  readonly answer?: readonly string[] | 'words';
  observe(ctx: StepContext): Fact<S>;
  unmet(now: S, before: S, ctx: StepContext): readonly string[];
};

/** Asks a person to do something, and waits until the world shows it, whoever did it; what they answer counts only where `answer` says so. */
const asked = <S extends Json>(wish: AskedWish<S>): Change => {
  const { instructions, to, answer, ...step } = wish;
  const takes = answer === undefined ? {} : answer === 'words' ? ({ words: true } as const) : { choices: answer };
  const ask = (direction: 'forward' | 'back'): Ask => ({
    via: 'person',
    instructions: instructions(direction),
    ...(to !== undefined && { to }),
    ...takes,
  });
  return change<S>({ ...step, apply: (_now, ctx) => [ask(ctx.direction)], rollback: () => [ask('back')] });
};

/** Steps that people do. */
export const person = { asked } as const;
