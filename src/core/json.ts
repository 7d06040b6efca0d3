/** Anything that may cross a process boundary. Declare states as `type`, not `interface`: only aliases satisfy it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Tells a JSON object from the other five kinds. */
export const isJsonObject = (value: unknown): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Writes JSON with sorted keys and no white space, so that equal values have equal texts. */
export const canonical = (value: Json): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (isJsonObject(value)) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
  }
  return JSON.stringify(value);
};

/** Compares two JSON values by content; the order of keys does not count. */
export const sameJson = (a: Json, b: Json): boolean => canonical(a) === canonical(b);
