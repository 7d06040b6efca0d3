import type { Ask } from '../core/action.ts';
import type { Duration } from '../core/duration.ts';
import { type Fact, known } from '../core/fact.ts';
import type { Json } from '../core/json.ts';
import { type Change, type StepContext, change } from '../core/step.ts';

/** The answers to an approval. `drover approve` gives the first. */
export const APPROVAL_ANSWERS = ['yes', 'no'] as const;

/**
 * Waits until a person says yes: `drover approve RUN approval:ID`. The only step that an answer alone fulfils.
 *
 * @param id what is approved, e.g. `start`
 */
export const approval = (id: string, options: { readonly question: string; readonly within?: Duration }): Change => {
  const key = `approval:${id}`;
  const ask: Ask = { via: 'person', instructions: options.question, choices: APPROVAL_ANSWERS };
  return change<Json>({
    id: key,
    title: `approval: ${options.question}`,
    wish: options.question,
    ...(options.within !== undefined && { within: options.within }),
    observe: (ctx) => known(ctx.answers[key] ?? null),
    unmet: (now) => {
      if (now === 'yes' || now === true) return [];
      return [now === null ? `waits for an approval: ${options.question}` : `a person said ${JSON.stringify(now)} to: ${options.question}`];
    },
    apply: () => [ask],
    rollback: () => [],
  });
};

/** Work for a person, and how the world shows that it is done. */
export type AskedWish<S extends Json> = {
  readonly id: string;
  readonly title: string;
  readonly wish: Json;
  readonly within: Duration;
  /** What is to be done, and with `back` how to take it back. */
  readonly instructions: (direction: 'forward' | 'back') => string;
  observe(ctx: StepContext): Fact<S>;
  unmet(now: S, before: S, ctx: StepContext): readonly string[];
};

/** Asks a person to do something, and waits until the world shows it, whoever did it; what they answer does not count. */
const asked = <S extends Json>(wish: AskedWish<S>): Change => {
  const { instructions: _instructions, ...step } = wish;
  const ask = (direction: 'forward' | 'back'): Ask => ({ via: 'person', instructions: wish.instructions(direction) });
  return change<S>({ ...step, apply: (_now, ctx) => [ask(ctx.direction)], rollback: () => [ask('back')] });
};

/** Steps that people do. */
export const person = { asked } as const;
