/**
 * A time without an offset, `2026-11-21 20:01:58`, as a log in some zone has it, in RFC 3339; undefined when it is none, or nobody knows the zone.
 *
 * Of the two moments that an hour set back has, the earlier.
 */
export const zonedTime = (text: string, zone: string): string | undefined => {
  const asUtc = Date.parse(`${text.replace(' ', 'T')}Z`);
  if (Number.isNaN(asUtc)) return undefined;
  const offsetMs = (at: number): number | undefined => {
    try {
      const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(at);
      return Date.parse(`${shown.replace(' ', 'T')}Z`) - at;
    } catch {
      return undefined;
    }
  };
  const candidates = [asUtc - 86_400_000, asUtc + 86_400_000].flatMap((near) => offsetMs(near) ?? []).map((offset) => asUtc - offset);
  const fitting = candidates.filter((at) => at + (offsetMs(at) ?? Number.NaN) === asUtc);
  const at = fitting.length > 0 ? Math.min(...fitting) : candidates[0];
  return at === undefined ? undefined : new Date(at).toISOString().replace('.000Z', 'Z');
};
