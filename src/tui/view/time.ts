const SECOND = 1000;
const two = (value: number): string => String(value).padStart(2, '0');

/** How long something has taken, in whole seconds, so that it does not flicker: `42s`, `3m10s`, `2h05m`, `3d04h`. */
export const age = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / SECOND));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${two(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h${two(minutes % 60)}m` : `${Math.floor(hours / 24)}d${two(hours % 24)}h`;
};

/** A bound as it was written, or nearly so: `90s` is `1m30s`, `30m` stays. */
export const bound = (ms: number): string => (ms < SECOND ? `${ms}ms` : age(ms).replace(/(?<=[mhd])00[smh]$/, ''));

const clocks = new Map<string, Intl.DateTimeFormat>();

/** The time of day, `12:03:11`. */
export const timeOfDay = (at: number, timeZone: string): string => {
  const known = clocks.get(timeZone);
  const clock = known ?? new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', hourCycle: 'h23', timeZone });
  if (!known) clocks.set(timeZone, clock);
  return clock.format(at);
};
