/** A source of words that nobody else uses; the same seed gives the same words. */
export type Ids = {
  /** Lower-case hex digits. */
  hex(digits: number): string;
  /** A version 4 UUID, as boot ids and product UUIDs are. */
  uuid(): string;
  /** A number from 0 up to, but without, 1. */
  fraction(): number;
};

/** Makes ids from a seed: mulberry32, which is enough for names and no good for secrets. */
export const seededIds = (seed: number): Ids => {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const hex = (digits: number): string => {
    let text = '';
    while (text.length < digits)
      text += Math.floor(fraction() * 0x1_0000_0000)
        .toString(16)
        .padStart(8, '0');
    return text.slice(0, digits);
  };
  const uuid = (): string => {
    const h = hex(32);
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20, 32)}`;
  };
  return { hex, uuid, fraction };
};
