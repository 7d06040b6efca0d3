import { type NodeCommand, sh } from '../core/command.ts';
import { type Duration, durationMs } from '../core/duration.ts';
import { type Change, change } from '../core/step.ts';
import { type Packages, packages as packagesState } from '../facts/package.ts';

const absent = (names: readonly string[], state: Packages): readonly string[] =>
  names.filter((name) => (state.installed[name] ?? null) === null);

/** Cut off half-way, a package manager leaves a broken database: it has to outlive the connection. */
const durable = (command: NodeCommand): NodeCommand => ({ ...command, durable: true });

/** What apt-get is told for running by itself: a changed configuration file stays as it is where somebody edited it, instead of being asked about. */
export const apt = (lockSeconds: number): readonly string[] => [
  '-q',
  '-y',
  '-o',
  `DPkg::Lock::Timeout=${lockSeconds}`,
  '-o',
  'Dpkg::Options::=--force-confdef',
  '-o',
  'Dpkg::Options::=--force-confold',
];

/**
 * Installs packages with the node's own manager, without a prompt, waiting for its lock as long as the step may take (dnf and yum wait by themselves).
 *
 * What is installed already is not upgraded. The way back removes only what was absent before; dependencies that came along stay, because
 * removing those might take others' with them. Source: apt-get(8), apt.conf(5), dnf(8).
 */
const installed = (names: readonly string[], options: { readonly within?: Duration } = {}): Change => {
  const within = options.within ?? '10m';
  const lockSeconds = Math.floor(durationMs(within) / 1000);
  return change<Packages>({
    id: `packages:${names.toSorted().join(',')}`,
    title: `install ${names.join(', ')}`,
    wish: { installed: names.toSorted() },
    within,
    observe: () => packagesState(names),
    unmet: (now) => {
      const missing = absent(names, now);
      if (missing.length === 0) return [];
      if (now.manager === null) return ['neither dnf, yum nor apt-get is on this node'];
      return missing.map((name) => `${name} is not installed`);
    },
    apply: (now) => {
      const missing = absent(names, now);
      if (now.manager === null || missing.length === 0) return [];
      if (now.manager !== 'apt-get') return [durable(sh`${now.manager} -q -y install ${missing}`)];
      // old lists name versions that the mirror no longer has; should it be out of reach, what is cached may do
      return [durable(sh`apt-get -q update; DEBIAN_FRONTEND=noninteractive apt-get ${apt(lockSeconds)} install ${missing}`)];
    },
    rollback: (before) => {
      const added = absent(names, before);
      if (before.manager === null || added.length === 0) return [];
      if (before.manager !== 'apt-get')
        return [durable(sh`${before.manager} -q -y --setopt=clean_requirements_on_remove=False remove ${added}`)];
      return [durable(sh`DEBIAN_FRONTEND=noninteractive apt-get ${apt(lockSeconds)} remove ${added}`)];
    },
    restored: (now, before) =>
      absent(names, before)
        .filter((name) => !absent(names, now).includes(name))
        .map((name) => `${name} is installed, was not before`),
  });
};

/** Steps about packages. */
export const packages = { installed } as const;
