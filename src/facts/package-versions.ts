import { sh } from '../core/command.ts';
import { type Fact, deriving, reading } from '../core/fact.ts';
import { lines } from './answer.ts';
import { type Packages, packages } from './package.ts';

/** What is installed of some packages, which versions of each the repositories have, and which a person holds at their version. */
export type PackageVersions = Packages & {
  readonly available: { readonly [name: string]: readonly string[] };
  readonly held: readonly string[];
};

/** What the repositories have of some packages, and which of these somebody holds. */
export type Offers = Pick<PackageVersions, 'available' | 'held'>;

/** `containerd | 1.6.20~ds1-1+deb12u3 | http://deb.debian.org/debian bookworm/main amd64 Packages` */
const madison = (line: string): readonly [string, string][] => {
  const [name = '', version = '', from] = line.split(' | ').map((part) => part.trim());
  return from === undefined || from.endsWith(' Sources') ? [] : [[name, version]];
};

const repoquery = (line: string): readonly [string, string][] => {
  const [from, name = '', version = ''] = line.split(' ');
  return from === 'offer' ? [[name, version]] : [];
};

/** Reads `Offers`. */
export const packageOffers = (names: readonly string[]): Fact<Offers> =>
  reading(
    // yum tells in another form what dnf does, and EL7 has no dnf
    sh`apt-cache madison ${names} 2>/dev/null; apt-mark showhold 2>/dev/null; dnf -q repoquery --qf 'offer %{name} %{version}-%{release}\\n' ${names} 2>/dev/null || yum -q --showduplicates list ${names} 2>/dev/null`,
    ({ stdout }) => {
      const all = lines(stdout);
      const found = all.flatMap((line) => [...madison(line), ...repoquery(line), ...yumList(line)]);
      const of = (name: string): readonly string[] => [...new Set(found.filter(([one]) => one === name).map(([, version]) => version))];
      return {
        available: Object.fromEntries(names.toSorted().map((name) => [name, of(name).toSorted()])),
        held: names.filter((name) => all.includes(name)).toSorted(),
      };
    },
  );

/** `containerd.io.x86_64   1.6.18-3.1.el7   docker-ce-stable`; what is installed stands there with an @ before its repository. */
const yumList = (line: string): readonly [string, string][] => {
  const [, name = '', version = '', from = ''] = /^(\S+)\.\w+ +(\S+) +(\S+)$/.exec(line) ?? [];
  return from === '' || from.startsWith('@') || from === 'installed' ? [] : [[name, version]];
};

/**
 * Reads `PackageVersions`. apt tells what it knew at its last `apt-get update`; dnf and yum ask their repositories when what they know is old.
 *
 * Sources: apt-cache(8), apt-mark(8), dnf(8) repoquery, yum(8).
 */
export const packageVersions = (names: readonly string[]): Fact<PackageVersions> =>
  deriving<{ readonly now: Packages; readonly offers: Offers }, PackageVersions>(
    { all: { now: packages(names), offers: packageOffers(names) } },
    ({ now, offers: more }) => ({ ...now, ...more }),
  );
