/** Where people write time, e.g. `90s`, `5m` or `30d`. Inside the program a time is a number whose name ends in `Ms`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** Tells whether a text is a duration that drover understands. */
export const isDuration = (text: string): text is Duration => pattern.test(text);

/** Milliseconds of a duration. */
export const durationMs = (duration: Duration): number => {
  const match = pattern.exec(duration);
  const unit = match?.[2];
  if (unit !== 'ms' && unit !== 's' && unit !== 'm' && unit !== 'h' && unit !== 'd') return Number.NaN;
  return Number(match?.[1]) * unitMs[unit];
};

/** A duration as people read it: `320ms`, `4.2s`, `42s`, `3m10s`, `2h05m`. */
export const showMs = (ms: number): string => {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  const two = (value: number): string => String(value).padStart(2, '0');
  return minutes < 60 ? `${minutes}m${two(seconds % 60)}s` : `${Math.floor(minutes / 60)}h${two(minutes % 60)}m`;
};
