import { type Json, isJsonObject } from '../core/json.ts';
import type { Field, Shape } from './params.ts';

/** Values that stand for others of their kind: addresses and names for documentation (RFC 5737, 3849, 2606). */
const formats: Readonly<Record<string, string>> = {
  ipv4: '198.51.100.1',
  ipv6: '2001:db8::1',
  cidrv4: '198.51.100.11/24',
  cidrv6: '2001:db8::11/64',
  hostname: 'host.example.org',
  email: 'ops@example.org',
  uri: 'https://example.org/',
  date: '2026-01-01',
  'date-time': '2026-01-01T00:00:00Z',
  uuid: '00000000-0000-4000-8000-000000000000',
};

const number = ({ minimum, exclusiveMinimum, maximum }: Shape): number => {
  const least = typeof minimum === 'number' ? minimum : typeof exclusiveMinimum === 'number' ? exclusiveMinimum + 1 : 1;
  return Math.max(least, Math.min(1, typeof maximum === 'number' ? maximum : 1));
};

/** Every text that is asked for by a pattern alone could mean anything. */
const text = ({ format, pattern, minLength }: Shape): string | undefined => {
  if (typeof format === 'string' && formats[format] !== undefined) return formats[format];
  if (pattern !== undefined || format !== undefined) return undefined;
  return 'sample'.padEnd(typeof minLength === 'number' ? minLength : 0, 'x');
};

const list = ({ items, minItems }: Shape): Json | undefined => {
  const item = isJsonObject(items) ? sampleOf(items) : undefined;
  const least = typeof minItems === 'number' ? minItems : 0;
  return item === undefined ? (least === 0 ? [] : undefined) : Array.from({ length: Math.max(1, least) }, () => item);
};

const object = ({ properties, required }: Shape): Json | undefined => {
  const made: Record<string, Json> = {};
  for (const [name, shape] of Object.entries(isJsonObject(properties) ? properties : {})) {
    if (!Array.isArray(required) || !required.includes(name)) continue;
    const value = isJsonObject(shape) ? sampleOf(shape) : undefined;
    if (value === undefined) return undefined;
    made[name] = value;
  }
  return made;
};

/** A value that fits a JSON Schema; undefined where it cannot be guessed. The first of its own `examples` counts. */
export const sampleOf = (shape: Shape): Json | undefined => {
  const { examples, default: fallback, enum: values, const: one, anyOf, type } = shape;
  if (Array.isArray(examples) && examples[0] !== undefined) return examples[0];
  if (fallback !== undefined) return fallback;
  if (Array.isArray(values)) return values[0];
  if (one !== undefined) return one;
  if (Array.isArray(anyOf))
    return anyOf
      .filter(isJsonObject)
      .map(sampleOf)
      .find((value) => value !== undefined);
  switch (type) {
    case 'string':
      return text(shape);
    case 'number':
    case 'integer':
      return number(shape);
    case 'boolean':
      return false;
    case 'array':
      return list(shape);
    case 'object':
      return object(shape);
    default:
      return undefined;
  }
};

/** Values of one runbook, and what of them was chosen besides what it takes by itself. */
export type Variant = { readonly values: Readonly<Record<string, Json>>; readonly chosen: Readonly<Record<string, Json>> };

/** All values there are for a field, as far as they are few: of an enum and a boolean, and one for what may be left out. */
const valuesOf = ({ shape, required, fallback }: Field): readonly Json[] => {
  if (Array.isArray(shape['enum'])) return shape['enum'];
  if (shape['type'] === 'boolean') return [true, false];
  const one = required || fallback !== undefined ? undefined : sampleOf(shape);
  return one === undefined ? [] : [one];
};

/**
 * The values for which a runbook is laid out: what it takes by itself, with samples where it has to be told, then each value of each choice, one at a
 * time. What is given stays as it is.
 */
export const variantsOf = (fields: readonly Field[], given: Readonly<Record<string, Json>> = {}): readonly Variant[] => {
  const free = fields.filter(({ name }) => given[name] === undefined);
  const guessed = free.flatMap(({ name, required, shape }) => {
    const value = required ? sampleOf(shape) : undefined;
    return value === undefined ? [] : [[name, value] as const];
  });
  const base = { ...Object.fromEntries(guessed), ...given };
  const others = free.flatMap((field) =>
    valuesOf(field)
      .filter((value) => value !== (base[field.name] ?? field.fallback))
      .map((value): Variant => ({ values: { ...base, [field.name]: value }, chosen: { [field.name]: value } })),
  );
  return [{ values: base, chosen: {} }, ...others];
};
