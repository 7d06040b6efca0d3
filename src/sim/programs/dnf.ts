import { compareVersions } from '../node/kernel.ts';
import type { Machine } from '../node/machine.ts';
import { type Package, offersOf } from '../node/packages.ts';
import { installPackage, lockedFor, removePackage } from './install.ts';
import { type Call, type Program, type Running, options, unknown } from './program.ts';

/** `containerd.io-1.6.18-3.1.el8` or `containerd.io-1.6.18` as a package and one of its versions; undefined where there is none such. */
const exact = ({ packages }: Machine, word: string): { readonly name: string; readonly one: Package } | undefined => {
  for (const name of new Set([...packages.available.keys(), ...packages.offers.keys()])) {
    if (!word.startsWith(`${name}-`)) continue;
    const wished = word.slice(name.length + 1);
    const one = offersOf(packages, name).find(({ version }) => version === wished || version.startsWith(`${wished}-`));
    if (one) return { name, one };
  }
  return undefined;
};

/** Puts exact versions in place, newer or older ones: `install NAME-VERSION` does both, `downgrade NAME-VERSION` only the latter. */
function* replace(call: Call, verb: string, words: readonly string[]): Running {
  const { machine } = call;
  const { installed } = machine.packages;
  const wait = lockedFor(machine, call.now());
  if (wait > 0) yield wait;
  for (const word of words) {
    const found = exact(machine, word);
    if (!found) {
      call.err(
        `No match for argument: ${word}\nError: ${verb === 'install' ? `Unable to find a match: ${word}` : 'No packages marked for downgrade.'}\n`,
      );
      return 1;
    }
    if (installed.get(found.name)?.version === found.one.version) continue;
    yield machine.timings.packageMs;
    if (machine.files.full) {
      call.err('Error: Transaction test error:\n  installing package needs 11MB more space on the / filesystem\n');
      return 1;
    }
    const older = compareVersions(found.one.version, installed.get(found.name)?.version ?? '') < 0;
    installPackage(machine, found.name, found.one, call.now());
    call.out(`\n${older ? 'Downgraded' : 'Upgraded'}:\n  ${found.name}-${found.one.version}.${found.one.arch}\n`);
  }
  return 0;
}

/** `repoquery --qf FORMAT NAME…`: every version that the repositories have. */
const repoquery = (call: Call, format: string, names: readonly string[]): number => {
  for (const name of names)
    for (const one of offersOf(call.machine.packages, name)) {
      const [version = '', release = ''] = one.version.split('-');
      const tags: Readonly<Record<string, string>> = { name, version, release, arch: one.arch };
      call.out(`${format.replace(/%\{(\w+)\}/g, (_, tag: string) => tags[tag] ?? '').replaceAll('\\n', '')}\n`);
    }
  return 0;
};

function* install(call: Call, quiet: boolean, names: readonly string[]): Running {
  const { machine } = call;
  const { installed, available } = machine.packages;
  const wait = lockedFor(machine, call.now());
  if (wait > 0) {
    call.err('Waiting for process with pid 1234 to finish.\n');
    yield wait;
  }
  const unknownNames = names.filter((name) => !installed.has(name) && !available.has(name));
  if (unknownNames.length > 0) {
    call.err(
      `${unknownNames.map((name) => `No match for argument: ${name}\n`).join('')}Error: Unable to find a match: ${unknownNames.join(' ')}\n`,
    );
    return 1;
  }
  const wanted = names.filter(
    (name) =>
      !installed.has(name) ||
      (available.has(name) && available.get(name)?.version !== installed.get(name)?.version && name === 'kernel-core'),
  );
  if (wanted.length === 0) {
    if (!quiet) call.out('Dependencies resolved.\nNothing to do.\nComplete!\n');
    return 0;
  }
  if (!quiet) call.out(`Dependencies resolved.\nInstalling: ${wanted.join(' ')}\nDownloading Packages:\n`);
  yield machine.timings.packageMs;
  if (machine.files.full) {
    call.err('Error: Transaction test error:\n  installing package needs 11MB more space on the / filesystem\n');
    return 1;
  }
  for (const name of wanted) {
    const one = available.get(name);
    if (!one) continue;
    installPackage(machine, name, one, call.now());
    call.out(`\nInstalled:\n  ${name}-${one.version}.${one.arch}\n`);
  }
  if (!quiet) call.out('\nComplete!\n');
  return 0;
}

function* remove(call: Call, quiet: boolean, names: readonly string[]): Running {
  const { machine } = call;
  const wait = lockedFor(machine, call.now());
  if (wait > 0) yield wait;
  const present = names.filter((name) => machine.packages.installed.has(name));
  if (present.length > 0) yield machine.timings.packageMs;
  for (const name of present) removePackage(machine, name);
  if (!quiet)
    call.out(present.length > 0 ? `\nRemoved:\n  ${present.join(' ')}\n\nComplete!\n` : 'No packages marked for removal.\nComplete!\n');
  return 0;
}

/** dnf(8): `install -y`, `downgrade -y`, `remove -y` and `repoquery --qf`; it waits for its lock as long as it takes. Without -y it would ask, and there is nobody. */
export const dnf: Program = (call) => {
  const { flags, rest } = options(call.args, ['--setopt', '--qf', '--queryformat']);
  const [verb = '', ...names] = rest;
  if (verb === 'repoquery') return repoquery(call, flags.get('--qf')?.[0] ?? '%{name}-%{version}-%{release}.%{arch}', names);
  if (call.user !== 'root') {
    call.err('Error: This command has to be run with superuser privileges (under the root user on most systems).\n');
    return 1;
  }
  if (!['install', 'downgrade', 'remove'].includes(verb)) return unknown(call, 'dnf');
  if (!flags.has('-y') && !flags.has('--assumeyes')) {
    call.err('Is this ok [y/N]: Operation aborted.\n');
    return 1;
  }
  const quiet = flags.has('-q') || flags.has('--quiet');
  if (verb === 'downgrade' || (verb === 'install' && names.some((name) => exact(call.machine, name)))) return replace(call, verb, names);
  return verb === 'install' ? install(call, quiet, names) : remove(call, quiet, names);
};
