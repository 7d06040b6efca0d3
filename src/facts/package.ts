import { sh } from '../core/command.ts';
import { type Fact, reading } from '../core/fact.ts';
import { lines } from './answer.ts';

/** Which program installs packages (null: none that drover knows), and the installed version of each package asked for, null when absent. */
export type Packages = {
  readonly installed: { readonly [name: string]: string | null };
  readonly manager: 'apt-get' | 'dnf' | 'yum' | null;
};

const managers = ['dnf', 'yum', 'apt-get'] as const;

/**
 * Reads `Packages`. Sources: dpkg-query(1), rpm(8).
 *
 * Both databases are asked and the manager's own one counts: a Debian machine may have rpm, and an EL one dpkg. A package that was removed but kept
 * its configuration is absent.
 */
export const packages = (names: readonly string[]): Fact<Packages> =>
  reading(
    sh`command -v dnf || command -v yum || command -v apt-get; dpkg-query -W -f='dpkg \${db:Status-Status} \${Package} \${Version}\\n' ${names} 2>/dev/null; rpm -q --qf 'rpm installed %{NAME} %{VERSION}-%{RELEASE}\\n' ${names} 2>/dev/null`,
    ({ stdout }) => {
      const all = lines(stdout);
      const manager = managers.find((name) => all.some((line) => line.startsWith('/') && line.endsWith(`/${name}`))) ?? null;
      const database = manager === 'apt-get' ? 'dpkg' : 'rpm';
      const versions = new Map(
        all.flatMap((line): [string, string][] => {
          const [from, status, name = '', version = ''] = line.split(' ');
          return from === database && status === 'installed' ? [[name, version]] : [];
        }),
      );
      return { installed: Object.fromEntries(names.toSorted().map((name) => [name, versions.get(name) ?? null])), manager };
    },
  );
