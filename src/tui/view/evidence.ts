import { type Json, isJsonObject, sameJson } from '../../core/json.ts';
import type { StepState } from '../../core/reduce.ts';
import { shortId } from '../../words/text.ts';
import { clean } from './text.ts';

type Leaf = { readonly path: string; readonly value: string };

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const plain = (value: Json): string => {
  if (value === null) return 'none';
  if (typeof value === 'string') return uuid.test(value) ? shortId(value) : value === '' ? 'nothing' : value;
  return JSON.stringify(value);
};

/** A state as what stands in it, each with the way to it; lists of plain values are one. */
const leaves = (value: Json, path: string): readonly Leaf[] => {
  const below = (key: string): string => (path === '' ? key : `${path}.${key}`);
  if (Array.isArray(value)) {
    if (value.every((item) => item === null || typeof item !== 'object')) return [{ path, value: value.map(plain).join(', ') || 'none' }];
    return value.flatMap((item, index) => leaves(item, value.length === 1 ? path : below(String(index + 1))));
  }
  if (!isJsonObject(value)) return [{ path, value: plain(value) }];
  return Object.entries(value).flatMap(([key, item]) => leaves(item, below(key)));
};

const named = (path: string, words: string): string => (path === '' ? words : `${path} ${words}`);

/** A state in few words: `active inactive, enabled no`. */
const brief = (state: Json): string =>
  leaves(state, '')
    .map(({ path, value }) => named(path, value))
    .join(', ');

/** What became different, in few words: only what did. */
const change = (before: Json, after: Json): string => {
  if (sameJson(before, after)) return `as before: ${brief(after)}`;
  const [was, is] = [leaves(before, ''), leaves(after, '')];
  const paths = [...new Set([...was, ...is].map(({ path }) => path))];
  const at = (all: readonly Leaf[], path: string): string => all.find((leaf) => leaf.path === path)?.value ?? 'none';
  return paths.flatMap((path) => (at(was, path) === at(is, path) ? [] : [named(path, `${at(was, path)} → ${at(is, path)}`)])).join(', ');
};

/** The evidence of a step: what was there before and after, as far as it is known. `acts`: it is a step that changes something. */
export const evidence = ({ before, after, phase }: StepState, acts: boolean): string => {
  const seen = phase === 'verified' || phase === 'adopted' || phase === 'skipped';
  if (seen && after !== undefined) return clean(acts && before !== undefined && phase !== 'skipped' ? change(before, after) : brief(after));
  return before === undefined || !acts ? '' : clean(`was: ${brief(before)}`);
};
