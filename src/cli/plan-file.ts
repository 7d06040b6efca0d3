import { createHash } from 'node:crypto';
import { z } from 'zod';
import { UsageError } from '../core/error.ts';
import type { RunSpec } from '../core/event.ts';
import { type Json, canonical, isJsonObject } from '../core/json.ts';
import type { Identity } from '../core/node.ts';
import type { Outline } from '../core/plan.ts';
import type { Preview } from '../engine/preview.ts';
import { identityShape, outlineShape, specShape } from '../journal/shapes.ts';

/** What is known of one node, or of what runs once, when a plan is frozen. `hello` is null for what runs once. */
export type FrozenNode = {
  readonly node: string;
  readonly hello: { readonly identity: Identity; readonly address: string; readonly bootId: string } | null;
  /** What the runbook lays out for it. */
  readonly outline: Outline;
  readonly steps: readonly Preview[];
};

/** A plan as somebody looked at it and approved it: all that a run needs, and what the world was like. */
export type FrozenPlan = {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly by: string;
  readonly spec: RunSpec;
  readonly nodes: readonly FrozenNode[];
  readonly after: FrozenNode | null;
};

/** A plan file that was read: the plan, and the checksum that it carries. */
export type PlanFile = { readonly sha256: string; readonly plan: FrozenPlan };

/** Counts the forms of the file; one of another form is not read. */
const FORM = 1;

const json = z.custom<Json>((value) => value !== undefined, 'is missing');
const texts = z.array(z.string());
const forecast = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('met') }),
  z.object({ kind: z.literal('not-needed') }),
  z.object({ kind: z.literal('later') }),
  z.object({ kind: z.literal('refuses'), unmet: texts }),
  z.object({
    kind: z.literal('acts'),
    unmet: texts,
    actions: texts,
    rollback: z.union([texts, z.literal('impossible'), z.literal('itself')]),
  }),
]);
const step = z.object({
  id: z.string(),
  title: z.string(),
  kind: z.enum(['gate', 'change', 'activation']),
  role: z.enum(['plain', 'open', 'inner', 'close']),
  proves: z.string().nullable(),
  forecast,
  state: json,
  outlook: texts.exactOptional(),
  fleeting: z.literal(true).exactOptional(),
});
const frozenNode = z.object({
  node: z.string(),
  hello: z.object({ identity: identityShape, address: z.string(), bootId: z.string() }).nullable(),
  outline: outlineShape,
  steps: z.array(step),
});
const frozenPlan: z.ZodType<FrozenPlan> = z.object({
  at: z.number(),
  by: z.string(),
  spec: specShape,
  nodes: z.array(frozenNode),
  after: frozenNode.nullable(),
});

/** What a value is once it has been a file. */
const asJson = (value: unknown): Json => json.parse(JSON.parse(JSON.stringify(value)));

const checksum = (plan: Json): string => createHash('sha256').update(canonical(plan)).digest('hex');

/** The text of a plan file, and its checksum. The checksum shows an edit or a damaged copy; it is no signature. */
export const planText = (plan: FrozenPlan): { readonly text: string; readonly sha256: string } => {
  const value = asJson(plan);
  const sha256 = checksum(value);
  return { text: `${JSON.stringify({ 'drover-plan': FORM, sha256, plan: value }, null, 1)}\n`, sha256 };
};

/** Reads the text of a plan file. @throws UsageError that says what is wrong with the file */
export const readPlan = (text: string, file: string): PlanFile => {
  const refuse = (why: string): never => {
    throw new UsageError(`${file} ${why}`);
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    if (text.slice(0, 200).includes('"drover-plan"'))
      return refuse('is a plan that ends in the middle, or is damaged: copy it again, or plan again');
    return refuse('is no plan of drover: drover plan RUNBOOK --out FILE writes one');
  }
  if (!isJsonObject(value) || value['drover-plan'] === undefined)
    return refuse('is no plan of drover: drover plan RUNBOOK --out FILE writes one');
  const { 'drover-plan': form, sha256, plan } = value;
  if (form !== FORM)
    return refuse(`is a plan of another version of drover (form ${JSON.stringify(form)}, this one reads ${FORM}): plan again`);
  if (plan === undefined || typeof sha256 !== 'string' || checksum(plan) !== sha256)
    return refuse('was changed after it was planned (its checksum does not fit): plan again, and have that approved');
  const parsed = frozenPlan.safeParse(plan);
  if (!parsed.success) return refuse(`is a plan that this version of drover cannot read (${z.prettifyError(parsed.error)}): plan again`);
  return { sha256, plan: parsed.data };
};
