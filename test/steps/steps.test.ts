import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Action, showAction } from '../../src/core/action.ts';
import type { Json } from '../../src/core/json.ts';
import type { Awaiting, Step, StepContext } from '../../src/core/step.ts';
import { steps } from './registry.ts';

const built = z.strictObject({ step: z.string(), params: z.json().default(null) });
const awaiting = z.strictObject({
  step: z.string(),
  appliedOn: z.string().nullable(),
  proof: built.optional(),
  moves: z.boolean().optional(),
});
const context = z.strictObject({
  direction: z.enum(['forward', 'back']).default('forward'),
  answers: z.record(z.string(), z.json()).default({}),
  answer: z.json().exactOptional(),
  nowMs: z.number().exactOptional(),
  startedAtMs: z.number().exactOptional(),
  blocked: z.array(z.strictObject({ pod: z.string(), by: z.string(), why: z.string(), since: z.number() })).exactOptional(),
  awaiting: z.array(awaiting).default([]),
  takeOver: z.strictObject({ run: z.string().nullable(), leaves: z.enum(['schedulable', 'cordoned']) }).optional(),
});
const texts = z.array(z.string());
// `before` is `now` unless the case gives one; a gate has neither apply nor rollback
const expected = {
  unmet: texts,
  apply: texts.optional(),
  rollback: z.union([texts, z.literal('impossible')]).optional(),
  restored: texts.optional(),
};
const schema = z.array(
  z.strictObject({ title: z.string(), ...built.shape, before: z.json().optional(), now: z.json(), ctx: context.prefault({}), ...expected }),
);

const build = (one: z.infer<typeof built>): Step => steps[one.step]?.(one.params) ?? expect.fail(`registry.ts has no step ${one.step}`);
/** What is sent, also where people get it in words. */
const sent = (action: Action): Action => {
  if (action.via !== 'kubernetes') return action;
  const { says: _words, ...call } = action;
  return call;
};
const shown = (actions: readonly Action[]): readonly string[] =>
  actions.map((action) => showAction(sent(action)) + ('stdin' in action ? ` < ${JSON.stringify(action.stdin)}` : ''));
const waiting = ({ proof, moves, ...rest }: z.infer<typeof awaiting>): Awaiting => {
  const gate = proof && build(proof);
  return { ...rest, ...(gate?.kind === 'gate' && { proof: gate }), ...(moves !== undefined && { moves }) };
};

const folder = new URL('.', import.meta.url);
for (const file of readdirSync(folder).filter((name) => name.endsWith('.case.json'))) {
  describe(file.replace('.case.json', ''), () => {
    for (const one of schema.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8')))) {
      test(`${one.step} ${one.title}`, () => {
        const step = build(one);
        const { takeOver, ...given } = one.ctx;
        const node = { name: 'runner-1', addresses: ['10.77.0.11'], labels: {}, vars: {}, ...(takeOver && { takeOver }) };
        const ctx: StepContext = {
          runId: '7f3k2p',
          node,
          ...given,
          awaiting: one.ctx.awaiting.map(waiting),
        };
        const before: Json = one.before === undefined ? one.now : one.before;
        expect(step.unmet(one.now, before, ctx)).toStrictEqual(one.unmet);
        expect(step.kind === 'gate' ? undefined : shown(step.apply(one.now, ctx, before))).toStrictEqual(one.apply);
        const back = step.kind === 'change' ? step.rollback(before, ctx, one.now) : undefined;
        expect(typeof back === 'object' ? shown(back) : back).toStrictEqual(one.rollback);
        if (one.restored) expect(step.restored?.(one.now, before, { ...ctx, direction: 'back' })).toStrictEqual(one.restored);
      });
    }
  });
}

test('a cordon is told in words, and whose it is', () => {
  const free = { name: 'runner-1', owner: null, resourceVersion: '1', uid: 'u', unschedulable: false };
  const ctx: StepContext = {
    runId: '7f3k2p',
    node: { name: 'runner-1', addresses: [], labels: {}, vars: {} },
    awaiting: [],
    answers: {},
    direction: 'forward',
  };
  const told = (now: Json, before: Json): readonly string[] => {
    const step = build({ step: 'cordon', params: null });
    const back = step.kind === 'change' ? step.rollback(before, ctx, now) : [];
    return [...(step.kind === 'change' ? step.apply(now, ctx, before) : []), ...(back === 'impossible' ? [] : back)].map(showAction);
  };
  const names = 'the annotation drover.dev/cordon names run 7f3k2p';
  expect(told(free, free)).toEqual([`cordon runner-1; ${names}`, 'uncordon runner-1; the annotation drover.dev/cordon goes']);
  const cordoned = { ...free, unschedulable: true };
  expect(told(cordoned, cordoned)).toEqual([
    `keep the cordon of runner-1; ${names}`,
    'keep the cordon of runner-1; the annotation drover.dev/cordon goes',
  ]);
});
