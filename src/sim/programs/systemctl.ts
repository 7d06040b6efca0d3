import { goDown } from '../node/power.ts';
import { noteStart } from '../node/runtime.ts';
import { type Unit, setActive, unitName } from '../node/units.ts';
import { type Call, type Program, type Running, options, unknown } from './program.ts';

const unitOf = (call: Call, name: string): Unit | undefined => call.machine.units.get(unitName(name));

/** `Sat 2026-11-21 20:01:58 UTC`, as systemd writes it. */
const timestamp = (at: number): string => {
  const iso = new Date(at).toISOString();
  return `${new Date(at).toUTCString().slice(0, 3)} ${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
};

const properties = (name: string, unit: Unit | undefined, bootedAt: number): readonly [string, string][] => [
  ['Id', name],
  ['LoadState', unit ? (unit.file === 'masked' ? 'masked' : 'loaded') : 'not-found'],
  ['ActiveState', unit?.active ?? 'inactive'],
  ['SubState', unit?.active === 'active' ? (unit.file === 'static' ? 'exited' : 'running') : unit?.active === 'failed' ? 'failed' : 'dead'],
  ['UnitFileState', unit?.file ?? ''],
  ['MainPID', String(unit?.mainPid ?? 0)],
  ['ActiveEnterTimestamp', unit?.active === 'active' ? timestamp(unit.since) : ''],
  ['ActiveEnterTimestampMonotonic', unit?.active === 'active' ? String((unit.since - bootedAt) * 1000) : '0'],
  ['Description', unit?.description ?? name],
];

const show = (call: Call, flags: ReadonlyMap<string, readonly string[]>, names: readonly string[]): number => {
  const wanted = [...(flags.get('-p') ?? []), ...(flags.get('--property') ?? [])].flatMap((list) => list.split(','));
  names.forEach((name, index) => {
    if (index > 0) call.out('\n');
    for (const [key, value] of properties(unitName(name), unitOf(call, name), call.machine.bootedAt)) {
      if (wanted.length === 0 || wanted.includes(key)) call.out(flags.has('--value') ? `${value}\n` : `${key}=${value}\n`);
    }
  });
  return 0;
};

const state = (
  call: Call,
  quiet: boolean,
  names: readonly string[],
  word: (unit: Unit | undefined) => string,
  good: readonly string[],
  bad: number,
): number => {
  const words = names.map((name) => word(unitOf(call, name)));
  if (!quiet) call.out(words.map((one) => `${one}\n`).join(''));
  return words.some((one) => good.includes(one)) ? 0 : bad;
};

function* change(call: Call, verb: string, flags: ReadonlyMap<string, unknown>, names: readonly string[]): Running {
  const { machine } = call;
  for (const name of names) {
    const unit = unitOf(call, name);
    if (!unit) {
      const missing = `Unit ${unitName(name)} ${verb === 'stop' ? 'not loaded' : 'not found'}.`;
      call.err(
        /able|mask/.test(verb)
          ? `Failed to ${verb} unit: Unit file ${unitName(name)} does not exist.\n`
          : `Failed to ${verb} ${unitName(name)}: ${missing}\n`,
      );
      return verb === 'start' || verb === 'restart' || verb === 'stop' ? 5 : 1;
    }
    const starts = verb === 'start' || verb === 'restart' || (verb === 'enable' && flags.has('--now'));
    if (starts && unit.file === 'masked') {
      call.err(`Failed to ${verb} ${unitName(name)}: Unit ${unitName(name)} is masked.\n`);
      return 1;
    }
    const stops = verb === 'stop' || verb === 'restart' || (verb === 'disable' && flags.has('--now'));
    if (starts || stops) yield machine.timings.unitMs;
    if (verb === 'enable' && unit.file === 'disabled') {
      unit.file = 'enabled';
      call.err(
        `Created symlink /etc/systemd/system/multi-user.target.wants/${unitName(name)} → /usr/lib/systemd/system/${unitName(name)}.\n`,
      );
    }
    if (verb === 'disable' && unit.file === 'enabled') {
      unit.file = 'disabled';
      call.err(`Removed /etc/systemd/system/multi-user.target.wants/${unitName(name)}.\n`);
    }
    if (verb === 'mask') unit.file = 'masked';
    if (verb === 'unmask' && unit.file === 'masked') unit.file = 'disabled';
    if (stops) setActive(unit, 'inactive', call.now(), 0);
    if (starts && unit.active !== 'active') {
      setActive(unit, 'active', call.now(), (machine.nextPid += 7));
      noteStart(machine, unitName(name), call.now());
    }
  }
  return 0;
}

const changing = ['start', 'stop', 'restart', 'enable', 'disable', 'mask', 'unmask'];

/** systemctl(1): the state of units, changing it, `reboot` and `poweroff`. */
export const systemctl: Program = (call) => {
  const { flags, rest } = options(call.args, ['-p', '--property', '-t', '--type']);
  const [verb = '', ...names] = rest;
  const quiet = flags.has('-q') || flags.has('--quiet');
  switch (verb) {
    case 'show':
      return show(call, flags, names);
    case 'is-active':
      return state(call, quiet, names, (unit) => unit?.active ?? 'inactive', ['active'], 3);
    case 'is-enabled':
      return state(call, quiet, names, (unit) => unit?.file ?? 'not-found', ['enabled', 'static'], 1);
    case 'is-failed':
      return state(call, quiet, names, (unit) => unit?.active ?? 'inactive', ['failed'], 1);
    case 'daemon-reload':
    case 'reset-failed':
      return 0;
  }
  if (![...changing, 'reboot', 'poweroff'].includes(verb)) return unknown(call, 'systemctl');
  if (call.user !== 'root') {
    call.err(`Failed to ${verb}: Interactive authentication required.\n`);
    return 1;
  }
  if (changing.includes(verb)) return change(call, verb, flags, names);
  goDown(call.machine, verb === 'reboot' ? 'boot' : 'off', call.now());
  return 0;
};
