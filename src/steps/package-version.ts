import { type NodeCommand, sh } from '../core/command.ts';
import type { Duration } from '../core/duration.ts';
import { durationMs } from '../core/duration.ts';
import { type Effect, type Change, type Gate, change, gate } from '../core/step.ts';
import { isVersion } from '../core/version-is.ts';
import { compareVersions } from '../facts/kernel-version.ts';
import { type PackageVersions, packageVersions } from '../facts/package-versions.ts';
import { apt } from './packages.ts';

/** A version of a package that may have several names, of which a node has one. */
export type VersionWish = { readonly names: readonly string[]; readonly version: string };

/** What stands around a change of version. */
export type VersionOptions = {
  readonly within?: Duration;
  /** The service that runs it: on the way back it is restarted as well, whether the package does that or not. */
  readonly unit?: string;
  /** What must be seen when the service has been restarted by an activation behind it. */
  readonly proof?: Gate;
};

const installedOne = (
  { names }: VersionWish,
  { installed }: PackageVersions,
): { readonly name: string; readonly version: string } | undefined => {
  for (const name of names) {
    const version = installed[name] ?? null;
    if (version !== null) return { name, version };
  }
  return undefined;
};

const none = ({ names }: VersionWish): string => `neither ${names.join(' nor ')} is installed`;

/** The exact version that a repository has for the wish: of several builds the newest. */
const offered = ({ version }: VersionWish, name: string, now: PackageVersions): string | undefined =>
  (now.available[name] ?? [])
    .filter((one) => isVersion(one, version))
    .toSorted(compareVersions)
    .at(-1);

const noOffer = ({ version }: VersionWish, name: string, now: PackageVersions): string => {
  const there = now.available[name] ?? [];
  const has = there.length === 0 ? 'they have none' : `they have ${there.join(', ')}`;
  const stale = now.manager === 'apt-get' ? ' as of the last apt-get update' : '';
  return `no repository of the node has ${name} ${version}: ${has}${stale}`;
};

const put = (
  manager: NonNullable<PackageVersions['manager']>,
  name: string,
  to: string,
  from: string,
  lockSeconds: number,
): NodeCommand => {
  const durable = (command: NodeCommand): NodeCommand => ({ ...command, durable: true });
  const verb = compareVersions(to, from) < 0 ? 'downgrade' : 'install';
  if (manager !== 'apt-get') return durable(sh`${manager} -q -y ${verb} ${`${name}-${to}`}`);
  const more = verb === 'downgrade' ? ['--allow-downgrades'] : [];
  return durable(
    sh`apt-get -q update; DEBIAN_FRONTEND=noninteractive apt-get ${[...apt(lockSeconds), ...more]} install ${`${name}=${to}`}`,
  );
};

/**
 * Brings a package to a version, newer or older, with the node's own manager; the way back puts the exact version back that was there.
 *
 * What is installed is not yet what runs: an activation behind it restarts the service, and the proof is asked after that. It installs nothing that
 * was not there, and touches no package that somebody holds. Source: apt-get(8), apt-mark(8), dnf(8), yum(8).
 */
export const packageVersion = (wish: VersionWish, options: VersionOptions = {}): Change => {
  const within = options.within ?? '10m';
  const lockSeconds = Math.floor(durationMs(within) / 1000);
  const id = `package:${wish.names[0] ?? ''}`;
  const effect: Effect = options.proof ? { takesEffect: 'reload', proof: options.proof } : {};
  return change<PackageVersions>({
    id,
    title: `install ${wish.names.join(' or ')} ${wish.version}`,
    wish: { names: wish.names, version: wish.version },
    within,
    observe: () => packageVersions(wish.names),
    unmet: (now) => {
      const is = installedOne(wish, now);
      if (is === undefined) return [none(wish)];
      if (isVersion(is.version, wish.version)) return [];
      return [
        `${is.name} is ${is.version}, not ${wish.version}`,
        ...(offered(wish, is.name, now) === undefined ? [noOffer(wish, is.name, now)] : []),
        ...(now.held.includes(is.name) ? [`somebody holds ${is.name} at its version (apt-mark unhold ${is.name} lets it go)`] : []),
      ];
    },
    apply: (now) => {
      const is = installedOne(wish, now);
      const to = is && offered(wish, is.name, now);
      if (is === undefined || to === undefined || now.manager === null) return [];
      if (isVersion(is.version, wish.version) || now.held.includes(is.name)) return [];
      return [put(now.manager, is.name, to, is.version, lockSeconds)];
    },
    rollback: (before) => {
      const was = installedOne(wish, before);
      if (was === undefined || before.manager === null || isVersion(was.version, wish.version)) return [];
      const back = put(before.manager, was.name, was.version, wish.version, lockSeconds);
      return [back, ...(options.unit === undefined ? [] : [sh`systemctl restart ${options.unit}`])];
    },
    restored: (now, before) => {
      const [is, was] = [installedOne(wish, now), installedOne(wish, before)];
      if (was === undefined || (is?.name === was.name && is.version === was.version)) return [];
      return [`${was.name} is ${is?.version ?? 'not installed'}, was ${was.version} before`];
    },
    ...effect,
  });
};

/** The wished version is to be had, and so is the one that is installed now, or there would be no way back. */
export const versionAvailable = (wish: VersionWish): Gate =>
  gate<PackageVersions>({
    id: `preflight:package-version:${wish.names[0] ?? ''}`,
    title: `${wish.names.join(' or ')} ${wish.version} can be installed, and taken back`,
    wish: { names: wish.names, version: wish.version },
    observe: () => packageVersions(wish.names),
    unmet: (now) => {
      const is = installedOne(wish, now);
      if (is === undefined) return [none(wish)];
      if (isVersion(is.version, wish.version)) return [];
      const there = now.available[is.name] ?? [];
      const back = there.includes(is.version)
        ? []
        : [`no repository of the node has ${is.name} ${is.version}, which is installed: there would be no way back`];
      return [
        ...(now.manager === null ? ['neither dnf, yum nor apt-get is on this node'] : []),
        ...(offered(wish, is.name, now) === undefined ? [noOffer(wish, is.name, now)] : back),
        ...(now.held.includes(is.name) ? [`somebody holds ${is.name} at its version (apt-mark unhold ${is.name} lets it go)`] : []),
      ];
    },
  });
