import { z } from 'zod';
import { RedisError } from '../core/error.ts';
import type { Control, NewControl, NewEvent, NodeEvent } from '../core/event.ts';

/** The types of events that this version knows; the compiler holds the list complete. */
const types: Readonly<Record<NewEvent['type'], true>> = {
  'step.skipped': true,
  'step.adopted': true,
  'step.started': true,
  'step.applied': true,
  'step.unknown': true,
  'step.asked': true,
  'step.answered': true,
  'step.verified': true,
  'step.failed': true,
  'plan.started': true,
  'bracket.opened': true,
  'node.identified': true,
  'node.addressed': true,
  'node.parked': true,
  'node.resumed': true,
  'node.finished': true,
  'run.started': true,
  'run.halted': true,
  'run.resumed': true,
  'run.finished': true,
};
const controlTypes: Readonly<Record<NewControl['type'], true>> = { pause: true, resume: true, cancel: true, rollback: true, replay: true, answer: true };

const typed = z.looseObject({ type: z.string() });
const isEvent = (value: { readonly type: string }): value is NewEvent => Object.hasOwn(types, value.type);
const isControl = (value: { readonly type: string }): value is NewControl => Object.hasOwn(controlTypes, value.type);

const readJson = (text: string, where: string): { readonly type: string } => {
  try {
    return typed.parse(JSON.parse(text));
  } catch (error) {
    throw new RedisError(`the journal of ${where} holds a record that cannot be read: ${text.slice(0, 80)}`, { cause: error });
  }
};

/** Reads an event back. @throws RedisError for one that is damaged or of a newer drover: to act without knowing it would be worse */
export const eventOf = (text: string, seq: number, at: number, where: string): NodeEvent => {
  const value = readJson(text, where);
  if (!isEvent(value)) throw new RedisError(`the journal of ${where} has a record of type ${value.type}, which this drover does not know: a newer one wrote it; use that one`);
  return { ...value, seq, at };
};

/** Reads a control record back. @throws RedisError */
export const controlOf = (text: string, id: string, at: number, run: string): Control => {
  const value = readJson(text, `what was said to ${run}`);
  if (!isControl(value)) throw new RedisError(`somebody said ${value.type} to run ${run}, which this drover does not know: a newer one wrote it; use that one`);
  return { ...value, id, at };
};

/** A line of output as it is given out. */
export const lineOf = (step: string, line: string, at: number): { readonly at: number; readonly step: string; readonly line: string } => ({ at, step, line });
