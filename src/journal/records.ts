import type { z } from 'zod';
import { RedisError } from '../core/error.ts';
import type { NewControl, NewEvent } from '../core/event.ts';
import { isJsonObject } from '../core/json.ts';
import { controlShape, eventShapes } from './shapes.ts';

const isKnown = (type: string): type is NewEvent['type'] => Object.hasOwn(eventShapes, type);

/**
 * Takes an event of a type that only a newer drover knows as it is, because the fold counts it and goes on.
 *
 * The type says more than was checked: whoever switches on `type` needs a default.
 */
const isOfNewerVersion = (value: unknown): value is NewEvent =>
  isJsonObject(value) && typeof value['type'] === 'string' && /^[a-z]+\.[a-z-]+$/.test(value['type']) && !isKnown(value['type']);

const readJson = (text: string, where: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RedisError(`${where} is no JSON: the record was damaged; nothing of this run goes on before that is put right`, { cause });
  }
};

const firstIssue = ({ issues: [issue] }: z.ZodError): string =>
  issue ? `${issue.path.join('.') || 'it'}: ${issue.message}` : 'it does not fit';

const unreadable = (where: string, why: string): RedisError =>
  new RedisError(
    `${where} cannot be read (${why}): a newer drover wrote it, or it was damaged; use the newest drover that has worked on this run`,
  );

/** Reads an event from its JSON. @param where names the record in the error @throws RedisError when it is not one */
export const readEvent = (text: string, where: string): NewEvent => {
  const value = readJson(text, where);
  if (isOfNewerVersion(value)) return value;
  const type = isJsonObject(value) ? value['type'] : undefined;
  if (typeof type !== 'string' || !isKnown(type)) throw unreadable(where, 'it has no type of an event');
  const shape: z.ZodType<NewEvent> = eventShapes[type];
  const result = shape.safeParse(value);
  if (!result.success) throw unreadable(where, `${type}, ${firstIssue(result.error)}`);
  return result.data;
};

/**
 * What would be read back of an event: through JSON and checked.
 *
 * An event that cannot be read back would stop its run for good, so it must not be written.
 */
export const asWritten = (event: NewEvent, where: string): { readonly text: string; readonly event: NewEvent } => {
  const text = JSON.stringify(event);
  try {
    return { text, event: readEvent(text, where) };
  } catch (cause) {
    // not a RedisError: whoever made this event is wrong, a fact that tells no state for instance
    throw new Error(`${where} is not fit for the journal: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
};

/** Reads a control record from its JSON; undefined for one of a newer version, which means nothing here. @throws RedisError */
export const readControl = (text: string, where: string): NewControl | undefined => {
  const value = readJson(text, where);
  const result = controlShape.safeParse(value);
  if (result.success) return result.data;
  if (isJsonObject(value) && typeof value['type'] === 'string' && typeof value['by'] === 'string' && !knownControls.has(value['type']))
    return undefined;
  throw unreadable(where, firstIssue(result.error));
};

const knownControls = new Set<string>([
  'pause',
  'resume',
  'cancel',
  'rollback',
  'replay',
  'answer',
] satisfies readonly NewControl['type'][]);
