import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { lines, senseless } from './answer.ts';
import { zonedTime } from './zoned-time.ts';

/** That a version of a package was put on the node, in place of another (null: of none; absent: not told). Times are RFC 3339. */
export type Installed = { readonly at: string; readonly before?: string | null; readonly package: string; readonly version: string };

/** When which versions were installed, oldest first, as far as the node's records go back, and when the node booted. */
export type PackageHistory = { readonly bootedAt: string; readonly installs: readonly Installed[] };

const iso = (epochMs: number): string => new Date(epochMs).toISOString().replace('.000Z', 'Z');

/** `2026-11-21 13:48:27 upgrade openssh-client:amd64 OLD NEW`, in the zone of the node. A downgrade is an upgrade there. */
const dpkgLine = (line: string, zone: string): readonly Installed[] => {
  const [, time = '', name = '', old = '', version = ''] =
    /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:install|upgrade) ([^ :]+)\S* (\S+) (\S+)$/.exec(line) ?? [];
  const at = zonedTime(time, zone);
  return at === undefined ? [] : [{ at, before: old === '<none>' ? null : old, package: name, version }];
};

/** `2026-02-14T09:30:12+0000 SUBDEBUG Upgrade: openssl-libs-1:3.2.2-6.el9.x86_64`; what it replaced stands in a line of its own. */
const dnfLine = (line: string): readonly Installed[] => {
  const [, day = '', hours = '', minutes = '00', what = '', name = '', version = ''] =
    /^(\S+?T[\d:]+)(Z|[+-]\d\d):?(\d\d)? SUBDEBUG (Installed|Upgrade|Downgrade): (\S+)-((?:\d+:)?[^-\s]+-[^-\s]+)\.[^.\s]+$/.exec(line) ??
    [];
  const ms = Date.parse(hours === 'Z' ? `${day}Z` : `${day}${hours}:${minutes}`);
  if (Number.isNaN(ms)) return [];
  return [{ at: iso(ms), ...(what === 'Installed' && { before: null }), package: name, version }];
};

/** What the rpm database keeps: when the version that is there now was installed. */
const rpmLine = (line: string): readonly Installed[] => {
  const [, seconds = '', name = '', version = ''] = /^rpm (\d+) (\S+) (\S+)$/.exec(line) ?? [];
  return seconds === '' ? [] : [{ at: iso(Number(seconds) * 1000), package: name, version }];
};

/**
 * Reads `PackageHistory` of some packages, of which a node has one.
 *
 * From /var/log/dpkg.log (in the node's zone, as /etc/localtime names it), /var/log/dnf.rpm.log and the rpm database, with what was rotated away. EL7's
 * yum.log has no years in it and is left out: there the record begins with the version that is installed. Sources: dpkg(1), dnf(8), rpm(8), proc(5).
 */
export const packageHistory = (names: readonly string[]): Fact<PackageHistory> => {
  const either = names.map((name) => name.replaceAll('.', '\\.')).join('|');
  return reading(
    sh`readlink /etc/localtime; grep '^btime ' /proc/stat; zgrep -hE ${` (install|upgrade) (${either})[: ]`} /var/log/dpkg.log* 2>/dev/null; zgrep -hE ${` (Installed|Upgrade|Downgrade): (${either})-[0-9]`} /var/log/dnf.rpm.log* 2>/dev/null; rpm -q --qf 'rpm %{INSTALLTIME} %{NAME} %{VERSION}-%{RELEASE}\\n' ${names} 2>/dev/null`,
    (result) => {
      const all = lines(result.stdout);
      const booted = /^btime (\d+)$/m.exec(result.stdout)?.[1];
      if (booted === undefined) throw senseless('when the node booted', result);
      const zone = /zoneinfo\/(?:posix\/|right\/)?(\S+)$/m.exec(all.find((line) => line.includes('zoneinfo/')) ?? '')?.[1] ?? 'UTC';
      const told = all.flatMap((line) => [...dpkgLine(line, zone), ...dnfLine(line)]);
      const logged = told.filter((one) => names.includes(one.package));
      // the log tells the same with what it replaced, where it reaches back so far
      const database = all.flatMap(rpmLine).filter(({ version }) => !logged.some((one) => one.version === version));
      const installs = [...logged, ...database].toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
      return { bootedAt: iso(Number(booted) * 1000), installs };
    },
  );
};
