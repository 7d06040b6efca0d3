import { type Json, isJsonObject } from '../../src/core/json.ts';

/** What is a machine's own, and the kind of thing that it is. Whatever fits none of them has to be the same on both, letter by letter. */
const own: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<uuid>'],
  [/\b[0-9a-f]{64}\b/g, '<sha256>'],
  [/\b[0-9a-f]{32}\b/g, '<machine id>'],
  [/\b\d+(\.\d+){3}\/\d+/g, '<cidr>'],
  [/\b\d+(\.\d+){3}\b/g, '<address>'],
  [/\b\d+\.\d+\.\d+-\d+-cloud-amd64\b/g, '<kernel>'],
  [/^(\d+:)?\d+\.\d+[\w.:+~-]*$/g, '<version>'],
  [/^\d+$/g, '<number>'],
];

const kindOf = (text: string): string => own.reduce((said, [pattern, kind]) => said.replaceAll(pattern, kind), text);

/** A state with what is a machine's own replaced by its kind, in keys and in values: two machines in the same state then look the same. */
export const kinds = (state: Json): Json => {
  if (typeof state === 'string') return kindOf(state);
  if (Array.isArray(state)) return state.map(kinds);
  if (!isJsonObject(state)) return state;
  return Object.fromEntries(Object.entries(state).map(([key, value]) => [kindOf(key), kinds(value)]));
};
