import { type Document, LineCounter, type Node as YamlNode, isMap, isNode, isScalar, parseDocument } from 'yaml';
import type { z } from 'zod';
import { UsageError } from '../core/error.ts';
import { didYouMean } from './did-you-mean.ts';

type Path = readonly PropertyKey[];

/** A YAML file that was read, and the way from a path in it to a line. */
export type YamlFile = {
  readonly value: unknown;
  /** Where a value stands; with `key`, where the key itself does. The nearest parent that exists stands in for what does not. */
  place(path: Path, key?: string): { readonly line: number; readonly column: number };
};

const keyNode = (map: unknown, key: string): YamlNode | undefined => {
  if (!isMap(map)) return undefined;
  const pair = map.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
  return isNode(pair?.key) ? pair.key : undefined;
};

const offsetOf = (document: Document, path: Path, key: string | undefined): number => {
  for (let length = path.length; length >= 0; length -= 1) {
    const at = document.getIn(path.slice(0, length), true);
    if (length === path.length && key !== undefined) {
      const found = keyNode(at, key);
      if (found?.range) return found.range[0];
    }
    const last = path[length - 1];
    // a mapping is found where its own key stands, which is where people look for it
    const own = length > 0 && isMap(at) ? keyNode(document.getIn(path.slice(0, length - 1), true), String(last)) : undefined;
    if (own?.range) return own.range[0];
    if (isNode(at) && at.range) return at.range[0];
  }
  return 0;
};

/** Says where in a file something is wrong; `detail` has file, line and column. */
export const fileError = (file: string, place: { readonly line: number; readonly column: number }, message: string): UsageError =>
  new UsageError(message, { detail: { file, line: place.line, column: place.column } });

/** Parses YAML 1.2. @throws UsageError with file, line and column for the first thing that is no YAML */
export const parseYaml = (file: string, text: string): YamlFile => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const [problem] = document.errors;
  if (problem) {
    const twice =
      problem.code === 'DUPLICATE_KEY' ? `${nameAt(text, problem.pos[0])} stands here twice; each name may be used once` : undefined;
    throw fileError(file, at(problem.pos[0]), twice ?? `this is no YAML: ${problem.message}`);
  }
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    throw fileError(file, { line: 1, column: 1 }, `this YAML cannot be used: ${error instanceof Error ? error.message : String(error)}`);
  }
  return { value, place: (path, key) => at(offsetOf(document, path, key)) };
};

const nameAt = (text: string, offset: number): string => /^[^:\n]+/.exec(text.slice(offset))?.[0]?.trim() ?? 'a key';

const shown = (path: Path): string => path.map(String).join('.');

type Issue = z.core.$ZodIssue;

const wording = (issue: Issue, knownKeys: (path: Path) => readonly string[]): { path: Path; key?: string; message: string } => {
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const known = knownKeys(issue.path);
    const near = didYouMean(key, known);
    const hint = near === '' && known.length > 0 ? `; known here: ${known.join(', ')}` : near;
    return { path: issue.path, key, message: `${shown([...issue.path, key])}: there is no such key${hint}` };
  }
  if (issue.code === 'invalid_key') {
    const key = String(issue.path.at(-1));
    return {
      path: issue.path.slice(0, -1),
      key,
      message: `${shown(issue.path.slice(0, -1))}: ${issue.issues[0]?.message ?? issue.message}`,
    };
  }
  return { path: issue.path, message: `${issue.path.length > 0 ? `${shown(issue.path)}: ` : ''}${issue.message}` };
};

/**
 * The first thing that is wrong in a file, as an error with its place, and how many more there are.
 *
 * @param knownKeys the keys that may stand in the mapping at a path, for "did you mean"
 */
export const schemaError = (
  file: string,
  yaml: YamlFile,
  issues: readonly Issue[],
  knownKeys: (path: Path) => readonly string[],
): UsageError => {
  const placed = issues
    .map((issue) => {
      const { path, key, message } = wording(issue, knownKeys);
      return { message, place: yaml.place(path, key) };
    })
    .sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
  const [first, ...more] = placed;
  const others = more.map(({ message, place }) => `\n${file}:${place.line}:${place.column}: ${message}`);
  return fileError(file, first?.place ?? { line: 1, column: 1 }, `${first?.message ?? 'not as expected'}${others.slice(0, 9).join('')}`);
};
