import { installPackage, lockedFor, removePackage } from './install.ts';
import { type Call, type Program, type Running, options, unknown } from './program.ts';

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

/** dnf(8): `install -y` and `remove -y`; it waits for its lock as long as it takes. Without -y it would ask, and there is nobody. */
export const dnf: Program = (call) => {
  const { flags, rest } = options(call.args, ['--setopt']);
  const [verb = '', ...names] = rest;
  if (call.user !== 'root') {
    call.err('Error: This command has to be run with superuser privileges (under the root user on most systems).\n');
    return 1;
  }
  if (verb !== 'install' && verb !== 'remove') return unknown(call, 'dnf');
  if (!flags.has('-y') && !flags.has('--assumeyes')) {
    call.err('Is this ok [y/N]: Operation aborted.\n');
    return 1;
  }
  const quiet = flags.has('-q') || flags.has('--quiet');
  return verb === 'install' ? install(call, quiet, names) : remove(call, quiet, names);
};
