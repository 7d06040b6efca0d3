import { type Json, isJsonObject } from '../../core/json.ts';

/** Applies a JSON merge patch: objects merge, null removes, everything else replaces. Source: RFC 7386. */
export const mergePatch = (target: Json, patch: Json): Json => {
  if (!isJsonObject(patch)) return patch;
  const merged: Record<string, Json> = isJsonObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key] ?? null, value);
  }
  return merged;
};
