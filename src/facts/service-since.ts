import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { lines, notNow } from './answer.ts';

/**
 * Since when a unit is active, null while it is not: by the node's clock (`at`, RFC 3339), and in milliseconds since its boot, which no change of a
 * clock disturbs. `settled`: for a while already.
 */
export type ServiceSince = { readonly at: string; readonly settled: boolean; readonly sinceBootMs: number } | null;

/** How long a service has to be active for what it did at its start to show. */
const SETTLED_MS = 10_000;

/** `Sat 2026-11-21 20:01:58 UTC`: asked for in UTC, because the name of any other zone says nothing. */
const utc = (text: string | undefined): string | undefined => {
  const [, day, time] = /^[A-Z][a-z]{2} (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC$/.exec(text ?? '') ?? [];
  return day === undefined || time === undefined ? undefined : `${day}T${time}Z`;
};

/** Reads `ServiceSince`. Source: systemctl(1), org.freedesktop.systemd1(5), proc_uptime(5). */
export const serviceSince = (name: string): Fact<ServiceSince> =>
  reading(
    sh`LC_ALL=C TZ=UTC systemctl show -p ActiveState,ActiveEnterTimestamp,ActiveEnterTimestampMonotonic ${name}; cat /proc/uptime`,
    (result) => {
      const all = lines(result.stdout);
      const value = (key: string): string | undefined => all.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1);
      const up = /^(\d+\.\d+) /.exec(all.at(-1) ?? '')?.[1];
      if (value('ActiveState') === undefined || up === undefined) throw notNow(`since when the unit ${name} is active`, result);
      if (value('ActiveState') !== 'active') return null;
      const at = utc(value('ActiveEnterTimestamp'));
      const sinceBootMs = Math.floor(Number(value('ActiveEnterTimestampMonotonic') ?? Number.NaN) / 1000);
      if (at === undefined || !Number.isFinite(sinceBootMs)) throw notNow(`since when the unit ${name} is active`, result);
      return { at, settled: Number(up) * 1000 - sinceBootMs >= SETTLED_MS, sinceBootMs };
    },
  );
