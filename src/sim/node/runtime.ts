import type { Image } from './image.ts';
import type { Distro, Machine } from './machine.ts';
import type { Package } from './packages.ts';

/** A version of containerd that a node has had, and for how long it has been there. */
export type RuntimePast = { readonly version: string; readonly hoursAgo: number };

/** That containerd was started, and as which version. */
export type RuntimeStart = { readonly at: number; readonly version: string };

const HOUR_MS = 3_600_000;
const UNIT = 'containerd.service';
const PACKAGE = 'containerd.io';
/** What Docker's repositories have, as far as the simulation goes. */
const OFFERED = ['1.6.8', '1.6.9', '1.6.14', '1.6.18', '1.6.33'] as const;

/** The package of a version as Docker builds it; its scriptlets restart the service. Source: docker/containerd-packaging, rpm/containerd.spec and debian/rules. */
const packageOf = (distro: Distro, version: string): Package =>
  distro === 'debian12'
    ? { version: `${version}-1`, arch: 'amd64', restarts: UNIT }
    : { version: `${version}-3.1.${distro === 'ol8' ? 'el8' : distro}`, arch: 'x86_64', restarts: UNIT };

/** The packages of a node with a past: Docker's containerd in place of the distribution's, in all versions that it has had and can have. */
export const packagesWithPast = (
  distro: Distro,
  { installed, available }: Pick<Image, 'installed' | 'available'>,
  past: readonly RuntimePast[],
  now: number,
): { readonly installed: readonly [string, Package][]; readonly offers: readonly [string, readonly Package[]][] } => {
  const { containerd: _debians, ...others } = installed;
  const last = past.at(-1);
  if (last === undefined) {
    const own = Object.entries(installed).find(([name]) => name.startsWith('containerd'));
    const newer = own && available[own[0]];
    return { installed: Object.entries(installed), offers: own ? [[own[0], newer ? [newer, own[1]] : [own[1]]]] : [] };
  }
  const versions = [...new Set([...OFFERED, ...past.map(({ version }) => version)])];
  return {
    installed: [...Object.entries(others), [PACKAGE, { ...packageOf(distro, last.version), installedAt: now - last.hoursAgo * HOUR_MS }]],
    offers: [[PACKAGE, versions.map((version) => packageOf(distro, version))]],
  };
};

/** When a node with a past has booted: a day before the first version that is on record. */
export const bootedBefore = (past: readonly RuntimePast[], now: number): number =>
  past.length === 0 ? now : now - (Math.max(...past.map(({ hoursAgo }) => hoursAgo)) + 24) * HOUR_MS;

const two = (value: number): string => String(value).padStart(2, '0');

/** A time as dpkg.log has it, in the node's zone, which is UTC here. */
const dpkgTime = (at: number): string => {
  const day = new Date(at);
  const date = `${day.getUTCFullYear()}-${two(day.getUTCMonth() + 1)}-${two(day.getUTCDate())}`;
  return `${date} ${two(day.getUTCHours())}:${two(day.getUTCMinutes())}:${two(day.getUTCSeconds())}`;
};

/** The log of a distribution's package manager. */
export const packageLog = (distro: Distro): string =>
  `/var/log/${{ debian12: 'dpkg.log', el7: 'yum.log', el8: 'dnf.rpm.log', ol8: 'dnf.rpm.log' }[distro]}`;

/** What a package manager writes down when it puts a package in place of another version, or where there was none. */
export const logged = (distro: Distro, name: string, one: Package, before: Package | undefined, lower: boolean, at: number): string => {
  if (distro === 'debian12') {
    const full = `${name}:${one.arch}`;
    const time = dpkgTime(at);
    return `${time} ${before ? 'upgrade' : 'install'} ${full} ${before?.version ?? '<none>'} ${one.version}\n${time} status installed ${full} ${one.version}\n`;
  }
  // yum writes no years
  if (distro === 'el7') {
    const time = new Date(at).toUTCString().replace(/^\w+, (\d\d) (\w+) \d+ ([\d:]+).*$/, '$2 $1 $3');
    return `${time} ${before ? 'Updated' : 'Installed'}: ${name}-${one.version}.${one.arch}\n`;
  }
  const time = dpkgTime(at).replace(' ', 'T');
  const line = (what: string, { arch, version }: Package): string => `${time}+0000 SUBDEBUG ${what}: ${name}-${version}.${arch}\n`;
  if (!before) return line('Installed', one);
  return `${line(lower ? 'Downgrade' : 'Upgrade', one)}${line(lower ? 'Downgraded' : 'Upgraded', before)}`;
};

/** The log of a past. */
export const pastLog = (distro: Distro, past: readonly RuntimePast[], now: number): string =>
  past
    .map(({ version, hoursAgo }, index) => {
      const before = past[index - 1];
      const at = now - hoursAgo * HOUR_MS;
      return logged(distro, PACKAGE, packageOf(distro, version), before && packageOf(distro, before.version), false, at);
    })
    .join('');

/** The starts of a past: each version was started as it was installed. */
export const pastStarts = (past: readonly RuntimePast[], now: number): readonly RuntimeStart[] =>
  past.map(({ version, hoursAgo }) => ({ at: now - hoursAgo * HOUR_MS, version }));

/** The version of containerd that is installed, without what its packagers add; undefined where there is none. */
export const installedRuntime = ({ packages }: Machine): string | undefined =>
  (packages.installed.get(PACKAGE) ?? packages.installed.get('containerd'))?.version.replace(/-[^~]*$/, '');

/** Notes that a unit was started: containerd runs from then on as the version that is installed. */
export const noteStart = (machine: Machine, unit: string, at: number): void => {
  const version = machine.faults.containerdRuns ?? installedRuntime(machine);
  if (unit === UNIT && version !== undefined) machine.runtimeStarts.push({ at, version });
};

/** The version of containerd that runs; undefined while none does. */
export const runningRuntime = ({ units, runtimeStarts }: Machine): string | undefined =>
  units.get(UNIT)?.active === 'active' ? runtimeStarts.at(-1)?.version : undefined;

/** Versions that do not write down the network of a pod. Source: containerd issue 7843. */
const FORGETS = /^1\.6\.(?:9|1[0-4])$/;

/** Whether a sandbox that was made at a time has no address any more for a kubelet that asks: a forgetful version made it, and was started again since. */
export const hasForgotten = ({ bootedAt, runtimeStarts }: Machine, madeAt: number): boolean => {
  const made = Math.max(madeAt, bootedAt);
  const by = runtimeStarts.findLast(({ at }) => at <= made);
  return by !== undefined && FORGETS.test(by.version) && runtimeStarts.some(({ at }) => at > made);
};
