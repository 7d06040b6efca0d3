import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Question, questions, readFact } from '../../src/core/fact.ts';
import { facts } from './registry.ts';

const common = {
  source: z.string().min(1),
  params: z.array(z.json()).default([]),
  state: z.json().optional(),
  throws: z.string().optional(),
};
const schema = z.array(
  z.union([
    z.strictObject({ ...common, command: z.string(), stdout: z.string(), stderr: z.string().default(''), exitCode: z.int() }),
    z.strictObject({ ...common, request: z.string(), status: z.int(), body: z.json() }),
  ]),
);
const shown = (question: Question | undefined): string | undefined =>
  question?.via === 'kubernetes' ? `${question.method} ${question.path}` : question?.via === 'control' ? question.masked : question?.text;

const folder = new URL('.', import.meta.url);
for (const file of readdirSync(folder).filter((name) => name.endsWith('.case.json'))) {
  const name = file.replace('.case.json', '');
  describe(name, () => {
    for (const one of schema.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8')))) {
      test(`reads ${one.source}`, () => {
        const fact = facts[name]?.(one.params);
        if (!fact) throw new Error(`registry.ts has no fact for ${file}`);
        expect(shown(questions(fact)[0])).toBe('command' in one ? one.command : one.request);
        const answer =
          'command' in one
            ? { command: { exitCode: one.exitCode, stdout: one.stdout, stderr: one.stderr, durationMs: 1 } }
            : { response: { status: one.status, body: one.body } };
        if (one.throws !== undefined) expect(() => readFact(fact, [answer])).toThrow(one.throws);
        else expect(readFact(fact, [answer])).toStrictEqual(one.state);
      });
    }
  });
}
