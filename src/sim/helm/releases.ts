import type { Json } from '../../core/json.ts';

/** One revision of a release. */
export type Revision = {
  readonly revision: number;
  readonly updated: string;
  status: 'deployed' | 'superseded' | 'failed' | 'pending-install' | 'pending-upgrade' | 'pending-rollback' | 'uninstalled';
  /** `NAME-VERSION`. */
  readonly chart: string;
  readonly description: string;
  readonly values: { readonly [key: string]: Json };
};

/** A release and all its revisions, oldest first. */
export type Release = { readonly name: string; readonly namespace: string; readonly revisions: Revision[] };

/** What helm keeps in the cluster, and how its next calls fail. */
export type Releases = {
  readonly all: Map<string, Release>;
  /** Charts that can be had: `repo/name` to version. */
  readonly charts: Map<string, string>;
  /** The next upgrades that fail, as with a chart that does not come up in time. */
  failUpgrades: number;
  /** The next upgrades that are killed in the middle and leave `pending-upgrade`. */
  cutUpgrades: number;
};

/** The key of a release. */
export const releaseKey = (namespace: string, name: string): string => `${namespace}/${name}`;

/** No releases, and the chart of field report F1. */
export const createReleases = (): Releases => ({
  all: new Map(),
  charts: new Map([['gitlab/gitlab-runner', '0.71.0']]),
  failUpgrades: 0,
  cutUpgrades: 0,
});

/** Installs a release as it was before drover came. */
export const addRelease = (
  releases: Releases,
  options: { readonly name: string; readonly namespace: string; readonly chart: string; readonly values: { readonly [key: string]: Json } },
  at: string,
): void => {
  const { name, namespace, chart, values } = options;
  releases.all.set(releaseKey(namespace, name), {
    name,
    namespace,
    revisions: [{ revision: 1, updated: at, status: 'deployed', chart, description: 'Install complete', values }],
  });
};

/** The newest revision. */
export const newest = (release: Release): Revision | undefined => release.revisions.at(-1);
/** The revision that runs. */
export const deployed = (release: Release): Revision | undefined => release.revisions.findLast(({ status }) => status === 'deployed');

/** Adds a revision; what was deployed is superseded once the new one is. */
export const addRevision = (release: Release, next: Omit<Revision, 'revision'>): Revision => {
  const made: Revision = { ...next, revision: (newest(release)?.revision ?? 0) + 1 };
  if (made.status === 'deployed') for (const one of release.revisions) if (one.status === 'deployed') one.status = 'superseded';
  release.revisions.push(made);
  return made;
};
