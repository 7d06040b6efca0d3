/** What a sysctl key should be. Where a key holds several numbers, they stand with a space between. */
export type SysctlWish = { readonly exactly: string | number } | { readonly atLeast: number } | { readonly atMost: number };

/** What some keys should be. */
export type SysctlWishes = { readonly [key: string]: SysctlWish };

const spaced = (value: string | number): string => String(value).trim().split(/\s+/).join(' ');

/** Whether a value is as wished: a bound is met by more, or by less, than what would be written. */
export const meets = (wish: SysctlWish, value: string | null): boolean => {
  if (value === null) return false;
  if ('exactly' in wish) return spaced(value) === spaced(wish.exactly);
  const is = /^-?\d+$/.test(value.trim()) ? Number(value) : Number.NaN;
  return 'atLeast' in wish ? is >= wish.atLeast : is <= wish.atMost;
};

/** The value that is written where the wish is not met. */
export const valueOf = (wish: SysctlWish): string =>
  spaced('exactly' in wish ? wish.exactly : 'atLeast' in wish ? wish.atLeast : wish.atMost);

/** The wish in words: `2097152`, `at least 2097152`. */
export const wishWords = (wish: SysctlWish): string =>
  `${'exactly' in wish ? '' : 'atLeast' in wish ? 'at least ' : 'at most '}${valueOf(wish)}`;
