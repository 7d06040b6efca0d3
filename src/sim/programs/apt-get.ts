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
  return change(call, verb, names, flags.get('-o') ?? []);
};
