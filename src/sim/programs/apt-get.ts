import { compareVersions } from '../node/kernel.ts';
import { offersOf } from '../node/packages.ts';
import { installPackage, lockedFor, removePackage } from './install.ts';
import { type Call, type Program, type Running, options, unknown } from './program.ts';

const lockHeld =
  'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1234 (unattended-upgr)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?\n';

/** Waits for the lock as long as DPkg::Lock::Timeout says, in seconds; false when it is still held then. */
function* lock(call: Call, timeouts: readonly string[]): Generator<number, boolean, void> {
  const wait = lockedFor(call.machine, call.now());
  const seconds = Number(timeouts.flatMap((option) => /^DPkg::Lock::Timeout=(-?\d+)$/i.exec(option)?.[1] ?? [])[0] ?? 0);
  if (wait === 0) return true;
  if (seconds >= 0 && wait > seconds * 1000) {
    if (seconds > 0) yield seconds * 1000;
    call.err(lockHeld);
    return false;
  }
  yield wait;
  return true;
}

/** Puts exact versions in place, `NAME=VERSION`; an older one, or one in place of what is held, only where that is allowed. */
function* replace(call: Call, words: readonly string[], flags: ReadonlyMap<string, unknown>): Running {
  const { machine } = call;
  const { installed, held } = machine.packages;
  for (const word of words) {
    const [name = '', version = ''] = word.split('=');
    const one = offersOf(machine.packages, name).find((offer) => offer.version === version);
    const now = installed.get(name);
    if (!one) {
      call.err(`E: Version '${version}' for '${name}' was not found\n`);
      return 100;
    }
    if (now?.version === one.version) continue;
    if (now && compareVersions(one.version, now.version) < 0 && !flags.has('--allow-downgrades')) {
      call.err('E: Packages were downgraded and -y was used without --allow-downgrades.\n');
      return 100;
    }
    if (held.has(name) && !flags.has('--allow-change-held-packages')) {
      call.err('E: Held packages were changed and -y was used without --allow-change-held-packages.\n');
      return 100;
    }
    yield machine.timings.packageMs;
    if (machine.files.full) {
      call.err("E: You don't have enough free space in /var/cache/apt/archives/.\n");
      return 100;
    }
    installPackage(machine, name, one, call.now());
    call.out(`Setting up ${name} (${one.version}) ...\n`);
  }
  return 0;
}

function* change(call: Call, verb: string, names: readonly string[], timeouts: readonly string[]): Running {
  const { machine } = call;
  const { installed, available } = machine.packages;
  if (!(yield* lock(call, timeouts))) return 100;
  const missing = names.filter((name) => !available.has(name) && !installed.has(name));
  if (missing.length > 0) {
    call.err(missing.map((name) => `E: Unable to locate package ${name}\n`).join(''));
    return 100;
  }
  const wanted = names.filter((name) => installed.has(name) === (verb !== 'install'));
  call.out(
    `Reading package lists...\nBuilding dependency tree...\n${wanted.length} ${verb === 'install' ? 'newly installed' : 'to remove'}\n`,
  );
  if (wanted.length === 0) return 0;
  yield machine.timings.packageMs;
  if (machine.files.full && verb === 'install') {
    call.err("E: You don't have enough free space in /var/cache/apt/archives/.\n");
    return 100;
  }
  for (const name of wanted) {
    const one = available.get(name);
    if (verb !== 'install') removePackage(machine, name);
    else if (one) installPackage(machine, name, one, call.now());
    call.out(verb === 'install' ? `Setting up ${name} (${one?.version ?? ''}) ...\n` : `Removing ${name} ...\n`);
  }
  return 0;
}

/** apt-get(8): `update`, `install -y`, `remove -y`; exit code 100 when the lock is held for longer than DPkg::Lock::Timeout. */
export const aptGet: Program = (call) => {
  const { flags, rest } = options(call.args, ['-o']);
  const [verb = '', ...names] = rest;
  if (call.user !== 'root') {
    call.err(
      'E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\nE: Unable to acquire the dpkg frontend lock, are you root?\n',
    );
    return 100;
  }
  if (verb === 'update') {
    call.out('Reading package lists...\n');
    return 0;
  }
  if (!['install', 'remove', 'purge'].includes(verb)) return unknown(call, 'apt-get');
  if (!flags.has('-y') && !flags.has('--yes')) {
    call.err('Do you want to continue? [Y/n] Abort.\n');
    return 1;
  }
  if (verb === 'install' && names.some((name) => name.includes('='))) {
    const locked = lock(call, flags.get('-o') ?? []);
    return (function* (): Running {
      return (yield* locked) ? yield* replace(call, names, flags) : 100;
    })();
  }
  return change(call, verb, names, flags.get('-o') ?? []);
};
