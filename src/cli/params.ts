import { z } from 'zod';
import { UsageError } from '../core/error.ts';
import { type Json, isJsonObject, sameJson } from '../core/json.ts';
import type { Node } from '../core/node.ts';
import type { Runbook, Schema } from '../core/runbook.ts';
import { didYouMean, meant } from './did-you-mean.ts';
import type { Fleet } from './fleet.ts';
import { zodWords } from './zod-words.ts';

/** What a runbook asks for: one field of its `params` or `vars`. */
export type Field = {
  readonly name: string;
  /** JSON Schema type; undefined where any of several will do. */
  readonly type: string | undefined;
  readonly itemType: string | undefined;
  /** The only values there are, where there are few. */
  readonly choices: readonly string[];
  readonly required: boolean;
  readonly description: string | undefined;
  readonly fallback: Json | undefined;
  readonly example: string;
  /** Its JSON Schema. */
  readonly shape: Shape;
};

/** A JSON Schema, of a field or of what is in it. */
export type Shape = { readonly [key: string]: Json };

const examples: Readonly<Record<string, string>> = {
  ipv4: '10.0.0.1',
  ipv6: 'fd00::1',
  cidrv4: '10.0.0.11/24',
  cidrv6: 'fd00::11/64',
  hostname: 'a.example.org',
  uri: 'https://a.example.org',
};

const exampleOf = (shape: Shape): string => {
  const { default: fallback, examples: given, enum: values, format, type } = shape;
  const first = Array.isArray(given) ? given[0] : Array.isArray(values) ? values[0] : Array.isArray(fallback) ? fallback[0] : fallback;
  if (first !== undefined) return typeof first === 'string' ? first : JSON.stringify(first);
  if (typeof format === 'string' && examples[format] !== undefined) return examples[format];
  if (type === 'integer' || type === 'number') return '1';
  if (type === 'boolean') return 'true';
  return type === 'array' ? 'a,b' : 'VALUE';
};

const choicesOf = ({ enum: values, type }: Shape): readonly string[] => {
  if (Array.isArray(values)) return values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  return type === 'boolean' ? ['true', 'false'] : [];
};

const textOf = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);
const isZod = (schema: unknown): schema is z.ZodType => typeof schema === 'object' && schema !== null && '_zod' in schema;
const jsonSchema = z.record(z.string(), z.json());

/** Lists the fields of a schema; empty for one that is no zod object. */
export const fieldsOf = (schema: Schema<unknown>): readonly Field[] => {
  if (!isZod(schema)) return [];
  const whole = jsonSchema.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  const { properties, required } = whole;
  if (!isJsonObject(properties)) return [];
  return Object.entries(properties).map(([name, shape]): Field => {
    const field = isJsonObject(shape) ? shape : {};
    const items = isJsonObject(field['items']) ? field['items'] : {};
    return {
      name,
      type: textOf(field['type']),
      itemType: textOf(items['type']),
      choices: choicesOf(field),
      required: Array.isArray(required) && required.includes(name),
      description: textOf(field['description']),
      fallback: field['default'],
      example: exampleOf(field),
      shape: field,
    };
  });
};

const asJson = (text: string): Json | undefined => {
  try {
    return z.json().parse(JSON.parse(text));
  } catch {
    return undefined;
  }
};

/** Reads a text as the type that the schema asks for; what cannot be read stays a text, so that the schema's own words say what is wrong. */
const coerce = (text: string, type: string | undefined, itemType?: string): Json => {
  switch (type) {
    case 'string':
      return text;
    case 'number':
    case 'integer':
      return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'array': {
      if (text.trimStart().startsWith('[')) return asJson(text) ?? text;
      return text === '' ? [] : text.split(',').map((part) => coerce(part.trim(), itemType ?? 'string'));
    }
    default:
      return asJson(text) ?? text;
  }
};

const listOf = (fields: readonly Field[]): string =>
  fields
    .map(({ name, required, description, fallback }) => {
      const note = required
        ? ' (required)'
        : fallback === undefined
          ? ''
          : ` (${typeof fallback === 'string' ? fallback : JSON.stringify(fallback)})`;
      return `\n  ${name}${note}${description === undefined ? '' : `  ${description}`}`;
    })
    .join('');

const readSets = (runbook: Runbook, fields: readonly Field[], sets: readonly string[]): Record<string, Json> => {
  const values: Record<string, Json> = {};
  for (const set of sets) {
    const at = set.indexOf('=');
    const name = set.slice(0, at);
    if (at < 1) throw new UsageError(`--set ${set} has no value: write --set NAME=VALUE`);
    const field = fields.find((candidate) => candidate.name === name);
    if (!field) {
      const names = fields.map((candidate) => candidate.name);
      const list = fields.length === 0 ? '; it takes none' : `; it takes:${listOf(fields)}`;
      throw new UsageError(`runbook ${runbook.name} has no parameter ${name}${didYouMean(name, names)}${list}`);
    }
    if (Object.hasOwn(values, name)) throw new UsageError(`--set ${name} was given twice`);
    values[name] = coerce(set.slice(at + 1), field.type, field.itemType);
  }
  return values;
};

/** What is wrong with params, a line each, or the params as a run has them. */
export const tryParams = (
  runbook: Runbook,
  given: Readonly<Record<string, Json>>,
): { readonly value: Json } | { readonly wrong: readonly string[] } => {
  const parsed = parseBy(runbook.params, given, `the params of runbook ${runbook.name}`);
  const fields = fieldsOf(runbook.params);
  return 'value' in parsed ? parsed : { wrong: parsed.problems.map((problem) => paramProblem(fields, given, problem)) };
};

/** What `--set` gives, read by the types of the runbook's params. @throws UsageError */
export const setsOf = (runbook: Runbook, sets: readonly string[]): Readonly<Record<string, Json>> =>
  readSets(runbook, fieldsOf(runbook.params), sets);

type Problem = { readonly path: readonly PropertyKey[]; readonly message: string };
const zodIssues = z.object({
  issues: z.array(z.object({ path: z.array(z.union([z.string(), z.number(), z.symbol()])), message: z.string() })),
});

/** Parses by a runbook's schema; what comes out must be JSON that parses to itself, because a run is frozen as JSON and parsed again by workers. */
const parseBy = (
  schema: Schema<unknown>,
  value: Json,
  what: string,
): { readonly value: Json } | { readonly problems: readonly Problem[] } => {
  let parsed: unknown;
  try {
    parsed = schema.parse(value);
  } catch (error) {
    const issues = zodIssues.safeParse(error);
    if (!issues.success) throw error;
    return { problems: issues.data.issues };
  }
  const json = z.json().safeParse(parsed);
  if (!json.success || !sameJson(json.data, z.json().parse(schema.parse(json.data)))) {
    throw new UsageError(`${what} must be plain data that parses to itself: no transform, no date, no class in the schema`);
  }
  return { value: json.data };
};

const paramProblem = (fields: readonly Field[], given: Readonly<Record<string, Json>>, { path, message }: Problem): string => {
  const name = String(path[0] ?? '');
  const field = fields.find((candidate) => candidate.name === name);
  const about = field?.description === undefined ? '' : `: ${field.description}`;
  const example = field === undefined ? '' : `--set ${name}=${field.example}`;
  if (field && given[name] === undefined) return `parameter ${name} is missing${about}; for example ${example}`;
  const bad = given[name] === undefined ? '' : ` (got ${JSON.stringify(given[name])})`;
  return `parameter ${path.map(String).join('.')}: ${zodWords(message)}${bad}${about}${example === '' ? '' : `; for example ${example}`}`;
};

/** A run's params from `--set` and the schema's defaults. @throws UsageError that names all that is wrong, with what each is for */
export const parseParams = (runbook: Runbook, sets: readonly string[]): Json => {
  const parsed = tryParams(runbook, setsOf(runbook, sets));
  if ('value' in parsed) return parsed.value;
  throw new UsageError(`runbook ${runbook.name}: ${parsed.wrong.join('\n  ')}`);
};

/** What is wrong with params as they are typed, by name; empty when a run can begin with them. */
export const paramErrors = (runbook: Runbook, values: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  const fields = fieldsOf(runbook.params);
  const given = readSets(
    runbook,
    fields,
    Object.entries(values).map(([name, text]) => `${name}=${text}`),
  );
  const parsed = parseBy(runbook.params, given, `the params of runbook ${runbook.name}`);
  if ('value' in parsed) return {};
  return Object.fromEntries(
    parsed.problems.toReversed().map(({ path, message }) => {
      const name = String(path[0] ?? '');
      return [name, given[name] === undefined ? 'is missing' : zodWords(message)];
    }),
  );
};

/** A node's vars as the runbook types them. @throws UsageError that names node, var and the line of fleet.yaml */
export const parseVars = (runbook: Runbook, fleet: Fleet, node: Node): Json => {
  const parsed = parseBy(runbook.vars, node.vars, `the vars of runbook ${runbook.name}`);
  if ('value' in parsed) return parsed.value;
  const [problem] = parsed.problems;
  const name = String(problem?.path[0] ?? '');
  const field = fieldsOf(runbook.vars).find((candidate) => candidate.name === name);
  const about = field?.description === undefined ? '' : `: ${field.description}`;
  const where = ['nodes', node.name, 'vars', ...(problem?.path ?? []).map(String)];
  if (node.vars[name] !== undefined) {
    throw fleet.error(
      where,
      `node ${node.name}: var ${where.slice(3).join('.')}: ${zodWords(problem?.message ?? 'is wrong')} (is ${JSON.stringify(node.vars[name])})${about}`,
    );
  }
  const [near] = meant(name, Object.keys(node.vars));
  const hint =
    near === undefined
      ? `; add it, for example vars: { ${name}: ${field?.example ?? 'VALUE'} }`
      : `; there is a var ${near}: is that meant?`;
  throw fleet.error(where, `node ${node.name}: var ${name} is missing, and runbook ${runbook.name} needs it${about}${hint}`);
};
