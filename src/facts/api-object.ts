import type { ApiResponse } from '../core/action.ts';
import { type Json, isJsonObject } from '../core/json.ts';

/** A part of an object of the Kubernetes API, by its path; null where there is none. */
export const field = (value: Json, ...path: readonly string[]): Json =>
  path.reduce<Json>((at, key) => (isJsonObject(at) ? (at[key] ?? null) : null), value);

/** A text, empty where there is none. */
export const text = (value: Json): string => (typeof value === 'string' ? value : '');

/** A list, empty where there is none. */
export const list = (value: Json): readonly Json[] => (Array.isArray(value) ? value : []);

/** A number, null where there is none. */
export const number = (value: Json): number | null => (typeof value === 'number' ? value : null);

/** A record of texts, such as labels. */
export const texts = (value: Json): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(isJsonObject(value) ? value : {}).flatMap(([key, one]) => (typeof one === 'string' ? [[key, one]] : [])),
  );

/** The objects of a list, by namespace and name. @throws where the API did not list them */
export const listed = (what: string, { status, body }: ApiResponse): readonly Json[] => {
  if (status !== 200) throw new Error(`${what} cannot be listed: the API answered ${status} ${text(field(body, 'message'))}`.trim());
  const key = (one: Json): string => `${text(field(one, 'metadata', 'namespace'))}/${text(field(one, 'metadata', 'name'))}`;
  return list(field(body, 'items')).toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
};
