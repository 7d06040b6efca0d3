/**
 * Whether a full version is the wished one: `1.6.18-3.1.el8`, `5:1.6.18~ds1-1+b1`, `v1.6.18` are 1.6.18; 1.6.180 is not.
 *
 * What a distribution adds begins with `-`, `~` or `+`, an epoch ends with `:`.
 */
export const isVersion = (full: string, wished: string): boolean => {
  const plain = full.replace(/^\d+:/, '').replace(/^v(?=\d)/, '');
  return full === wished || plain === wished || ['-', '~', '+'].some((sign) => plain.startsWith(`${wished}${sign}`));
};

/** Which of some versions a full one is; undefined when none. */
export const versionAmong = (full: string, some: readonly string[]): string | undefined => some.find((one) => isVersion(full, one));
