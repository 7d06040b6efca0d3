import { z } from 'zod';
import { type Duration, isDuration } from '../core/duration.ts';
import type { NewControl, NewEvent, RunSpec } from '../core/event.ts';
import type { Json } from '../core/json.ts';
import type { Outline } from '../core/plan.ts';
import { type Percentage, isPercentage } from '../core/rollout.ts';

// only for what JSON.parse made, where all that is there is Json
const json = z.custom<Json>((value) => value !== undefined, 'is missing');
const text = z.string();
const names = z.array(text);
const direction = z.enum(['forward', 'rollback']);
const outcome = z.enum(['succeeded', 'rolled-back', 'failed', 'cancelled']);
const runOutcome = z.enum(['succeeded', 'rolled-back', 'failed', 'cancelled', 'refused']);
const bootId = text.exactOptional();
const control = text.exactOptional();
const nullable = text.nullable();

const error = z.looseObject({ name: text, message: text, transient: z.boolean(), detail: json.exactOptional() });
const identity = z.looseObject({ hostKey: text, machineId: text, productUuid: nullable });
const takeOver = z.looseObject({ run: nullable, leaves: z.enum(['schedulable', 'cordoned']) });
const node = z.looseObject({
  name: text,
  addresses: names,
  labels: z.record(text, text),
  vars: z.record(text, json),
  takeOver: takeOver.exactOptional(),
});
const duration = z.custom<Duration>((value) => typeof value === 'string' && isDuration(value), 'is no duration');
const outline = z.array(
  z.looseObject({ id: text, kind: z.enum(['gate', 'change', 'activation']), wish: json, within: duration.exactOptional() }),
);
const percentage = z.custom<Percentage>((value) => typeof value === 'string' && isPercentage(value), 'is no percentage');
const rollout = z.looseObject({
  canary: z.number(),
  soak: duration.exactOptional(),
  maxUnavailable: z.union([z.number(), percentage]),
  maxFailures: z.number(),
  spread: text.exactOptional(),
});
const spec = z.looseObject({
  runbook: text,
  version: z.number(),
  params: json,
  nodes: z.array(node),
  onFailure: z.enum(['rollback', 'pause']),
  rollout,
  cluster: z.looseObject({ context: nullable }),
  ssh: z.looseObject({ user: nullable, port: z.number().nullable(), jump: nullable, identityFile: nullable, knownHosts: nullable }),
  notify: z
    .looseObject({ webhook: z.union([z.looseObject({ env: text }), z.looseObject({ file: text })]), remind: duration })
    .exactOptional(),
  approved: z.looseObject({ sha256: text, by: text, at: z.number() }).exactOptional(),
  adopted: z.literal(true).exactOptional(),
});

const verdict = z.discriminatedUnion('verdict', [
  z.looseObject({ verdict: z.literal('rebooted-at-new'), address: text }),
  z.looseObject({ verdict: z.literal('rebooted-at-old'), address: text, wished: text }),
  z.looseObject({ verdict: z.literal('not-rebooted'), address: text }),
  z.looseObject({ verdict: z.literal('another-machine'), address: text, message: text }),
  z.looseObject({ verdict: z.literal('nobody'), addresses: names }),
]);

const wayOut = z.looseObject({
  waits: nullable,
  person: names,
  drover: z.array(z.looseObject({ does: text, from: z.number().exactOptional(), until: z.number().exactOptional() })),
});

/** All keys of an event; held against what each shape names, because zod does not miss an optional one. */
type Keys<T extends NewEvent['type']> = { readonly [K in keyof Required<Extract<NewEvent, { type: T }>>]: z.ZodType };

/** How each event looks; what a newer version added to one is kept. */
export const eventShapes: { readonly [T in NewEvent['type']]: z.ZodType<Extract<NewEvent, { type: T }>> } = {
  'step.skipped': z.looseObject({
    type: z.literal('step.skipped'),
    step: text,
    state: json,
    bootId,
    reason: text.exactOptional(),
  } satisfies Keys<'step.skipped'>),
  'step.adopted': z.looseObject({ type: z.literal('step.adopted'), step: text, state: json, bootId } satisfies Keys<'step.adopted'>),
  'step.started': z.looseObject({
    type: z.literal('step.started'),
    step: text,
    attempt: z.number(),
    before: json,
    unmet: names.exactOptional(),
    bootId,
  } satisfies Keys<'step.started'>),
  'step.applied': z.looseObject({
    type: z.literal('step.applied'),
    step: text,
    durationMs: z.number(),
    bootId,
  } satisfies Keys<'step.applied'>),
  'step.unknown': z.looseObject({ type: z.literal('step.unknown'), step: text, why: text } satisfies Keys<'step.unknown'>),
  'step.asked': z.looseObject({
    type: z.literal('step.asked'),
    step: text,
    instructions: text,
    to: text.exactOptional(),
    choices: names.exactOptional(),
    words: z.literal(true).exactOptional(),
    untilMs: z.number().exactOptional(),
    byDefault: z.literal(true).exactOptional(),
    otherwise: z.enum(['stays', 'goes-back']).exactOptional(),
  } satisfies Keys<'step.asked'>),
  'step.answered': z.looseObject({
    type: z.literal('step.answered'),
    step: text,
    by: text,
    answer: json,
    control: text,
  } satisfies Keys<'step.answered'>),
  'step.verified': z.looseObject({
    type: z.literal('step.verified'),
    step: text,
    after: json,
    bootId,
    verdict: text.exactOptional(),
  } satisfies Keys<'step.verified'>),
  'step.failed': z.looseObject({ type: z.literal('step.failed'), step: text, unmet: names, error } satisfies Keys<'step.failed'>),
  'plan.started': z.looseObject({
    type: z.literal('plan.started'),
    plan: direction,
    fingerprint: text,
    outline,
    reset: names,
    by: text,
    control,
    heard: text.exactOptional(),
  } satisfies Keys<'plan.started'>),
  'bracket.opened': z.looseObject({
    type: z.literal('bracket.opened'),
    bracket: text,
    before: z.record(text, json),
  } satisfies Keys<'bracket.opened'>),
  'node.identified': z.looseObject({ type: z.literal('node.identified'), identity, address: text } satisfies Keys<'node.identified'>),
  'node.preflighted': z.looseObject({ type: z.literal('node.preflighted'), unmet: names } satisfies Keys<'node.preflighted'>),
  'node.addressed': z.looseObject({ type: z.literal('node.addressed'), address: text } satisfies Keys<'node.addressed'>),
  'node.parked': z.looseObject({
    type: z.literal('node.parked'),
    waitsFor: text,
    clears: z.enum(['by-itself', 'by-word']),
    unreachable: z.boolean().exactOptional(),
    control,
  } satisfies Keys<'node.parked'>),
  'node.verdict': z.looseObject({
    type: z.literal('node.verdict'),
    step: text,
    verdict,
    waits: text,
    failsAt: z.number(),
    otherwise: z.enum(['stays', 'goes-back']),
    asked: z.boolean(),
    next: wayOut,
  } satisfies Keys<'node.verdict'>),
  'node.resumed': z.looseObject({ type: z.literal('node.resumed'), by: text, control } satisfies Keys<'node.resumed'>),
  'guard.arming': z.looseObject({ type: z.literal('guard.arming'), step: text } satisfies Keys<'guard.arming'>),
  'guard.armed': z.looseObject({
    type: z.literal('guard.armed'),
    step: text,
    bootId: text,
    deadlineMs: z.number(),
    reverts: z.number(),
  } satisfies Keys<'guard.armed'>),
  'guard.confirmed': z.looseObject({
    type: z.literal('guard.confirmed'),
    step: text,
    bootId: text,
    address: text,
  } satisfies Keys<'guard.confirmed'>),
  'guard.reverted': z.looseObject({
    type: z.literal('guard.reverted'),
    step: text,
    why: text,
    reverts: z.number(),
    reopens: names,
    waitsFor: text,
    next: wayOut.exactOptional(),
  } satisfies Keys<'guard.reverted'>),
  'guard.disarmed': z.looseObject({ type: z.literal('guard.disarmed'), step: text, why: text } satisfies Keys<'guard.disarmed'>),
  'node.finished': z.looseObject({
    type: z.literal('node.finished'),
    outcome,
    by: text.exactOptional(),
    why: text.exactOptional(),
    control,
  } satisfies Keys<'node.finished'>),
  'run.started': z.looseObject({ type: z.literal('run.started'), spec, by: text } satisfies Keys<'run.started'>),
  'run.wave': z.looseObject({
    type: z.literal('run.wave'),
    wave: z.enum(['canary', 'rollout', 'replay', 'rollback']),
    nodes: z.record(text, z.number()),
  } satisfies Keys<'run.wave'>),
  'run.soaking': z.looseObject({ type: z.literal('run.soaking'), nodes: names, untilMs: z.number() } satisfies Keys<'run.soaking'>),
  'run.unhealthy': z.looseObject({ type: z.literal('run.unhealthy'), node: text, why: text } satisfies Keys<'run.unhealthy'>),
  'run.halted': z.looseObject({ type: z.literal('run.halted'), why: text } satisfies Keys<'run.halted'>),
  'run.resumed': z.looseObject({ type: z.literal('run.resumed'), by: text, control } satisfies Keys<'run.resumed'>),
  'notice.sent': z.looseObject({
    type: z.literal('notice.sent'),
    kind: z.enum(['asked', 'parked', 'halted', 'cleared', 'expired']),
    reminder: z.number(),
    ok: z.boolean(),
    why: text.exactOptional(),
    of: z.enum(['asked', 'parked', 'halted']),
    step: text.exactOptional(),
    instructions: text,
    to: text.exactOptional(),
    askedAt: z.number(),
    untilMs: z.number().exactOptional(),
  } satisfies Keys<'notice.sent'>),
  'run.finished': z.looseObject({
    type: z.literal('run.finished'),
    outcome: runOutcome,
    why: text.exactOptional(),
  } satisfies Keys<'run.finished'>),
};

const said = { by: text, nodes: names.exactOptional() };
/** How a control record looks. */
export const controlShape: z.ZodType<NewControl> = z.union([
  z.looseObject({ ...said, type: z.enum(['pause', 'resume', 'cancel', 'rollback']) }),
  z.looseObject({ ...said, type: z.literal('replay'), from: text.exactOptional() }),
  z.looseObject({ ...said, type: z.literal('answer'), step: text, answer: json }),
]);

/** How a pinned identity looks. */
export const identityShape = identity;
/** How what a run froze looks. */
export const specShape: z.ZodType<RunSpec> = spec;
/** How the outline of a plan looks. */
export const outlineShape: z.ZodType<Outline> = outline;
