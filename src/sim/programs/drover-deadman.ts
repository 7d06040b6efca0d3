import { startGuard } from '../node/deadman.ts';
import { findGuard, isReached, inTurn, layGuard, readGuard, tidyGuard, writeGuard } from '../node/deadman-files.ts';
import { findProfile } from '../node/network.ts';
import { reset } from '../node/power.ts';
import { setting } from '../node/profile.ts';
import { CUT, type Call, type Program, type Running } from './program.ts';

const say = (call: Call, problem: string, code = 1): number => {
  call.err(`drover: ${problem}\n`);
  return code;
};
const runOf = (call: Call): string => (call.variables.get('DROVER_RUN_DIR') ?? '').split('/').at(-1) ?? '';
/** The power goes and comes back; nobody hears of it. */
function* powerLoss(call: Call): Running {
  reset(call.machine, call.now());
  yield CUT;
  return 143;
}
const upSeconds = (call: Call): number => Math.floor((call.now() - call.machine.bootedAt) / 1000);

/** `drover_deadman_arm NAME CONNECTION DEVICE OLD OLDGATEWAY NEW NEWGATEWAY WAIT MOVED STAY TURN run|now FILE…`. */
export const deadmanArm: Program = (call) => {
  const { machine, args } = call;
  const [name = '', connection = '', device = '', ...rest] = args;
  const [source = 'run', ...files] = rest.slice(8);
  const runDir = call.variables.get('DROVER_RUN_DIR') ?? '';
  if (runDir === '') return say(call, 'no run is known here, so nothing can be guarded');
  if (!/^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/.test(name)) return say(call, `${name} is not the name of a move`);
  if (machine.faults.noSystemd === true) return say(call, 'systemd is not at work here, so no guard can be set');
  const other = findGuard(machine);
  if (other && other.run !== runOf(call))
    return say(
      call,
      `the guard of run ${other.run} is still armed here; finish that run first, or end it by hand, on the node: rm /var/lib/drover/armed`,
    );
  const profile = findProfile(machine.network, connection);
  const on = device === '-' ? (profile ? setting(profile, 'connection.interface-name') : '') : device;
  if (on === '') return say(call, `the connection ${connection} is not up on one device, so it cannot be guarded`);
  const move = [connection, on, ...rest.slice(0, 8), files[0] ?? '-'].join(' ');
  const laid = layGuard(machine, { runDir, name, source, upSeconds: upSeconds(call) }, move, files);
  if (laid === 'power') return powerLoss(call);
  if (laid) {
    say(call, laid.problem);
    return say(call, 'the guard could not be set (see above); nothing was changed');
  }
  startGuard(machine, call.now());
  return 0;
};

const armedHere = (call: Call): { readonly dir: string; readonly name: string } | undefined => {
  const guard = findGuard(call.machine);
  return guard?.run === runOf(call) ? guard : undefined;
};
const NONE = 'no guard of this run is armed here';

const end = (call: Call, dir: string, why: string): ReturnType<Program> => {
  const { machine } = call;
  const off = { ...readGuard(machine, dir), place: 'off', on: machine.bootId, since: upSeconds(call), why } as const;
  let written = true;
  if (!inTurn(machine, 'end', [() => (written = writeGuard(machine, dir, off))])) return powerLoss(call);
  if (!written) return say(call, 'could not write that the guard is disarmed');
  machine.deadman = null;
  return inTurn(machine, 'end', [() => tidyGuard(machine, dir)]) ? 0 : powerLoss(call);
};

/** `drover_deadman_confirm NAME`. */
export const deadmanConfirm: Program = (call) => {
  const guard = armedHere(call);
  if (!guard) {
    const { place, why } = readGuard(call.machine, `${call.variables.get('DROVER_RUN_DIR') ?? ''}/deadman/${call.args[0] ?? ''}`);
    return place === 'off' && why === 'confirmed' ? 0 : say(call, NONE, 97);
  }
  const state = readGuard(call.machine, guard.dir);
  if (state.place === 'off' && state.why === 'confirmed') return end(call, guard.dir, 'confirmed');
  if (state.place === 'old') return say(call, `the guard has gone back: ${state.why}`, 98);
  if (state.place !== 'new' || state.on !== call.machine.bootId) return say(call, 'the guard has not seen the move yet', 75);
  return end(call, guard.dir, 'confirmed');
};

/** `drover_deadman_disarm [RUN]`; with the name of another run it takes that one's guard away, if it is still there. */
export const deadmanDisarm: Program = (call) => {
  const [other = ''] = call.args;
  if (other !== '') {
    const guard = findGuard(call.machine);
    return guard?.run === other ? end(call, guard.dir, 'disarmed') : 0;
  }
  const guard = armedHere(call);
  return guard ? end(call, guard.dir, 'disarmed') : say(call, NONE, 97);
};

/** `drover_deadman_reached`. */
export const deadmanReached: Program = (call) => {
  const guard = armedHere(call);
  if (!guard) return say(call, NONE, 97);
  const state = readGuard(call.machine, guard.dir);
  if (state.place === 'before') return 0;
  const why = state.place === 'old' && !isReached(state) ? `${state.why}, reached` : state.why;
  return writeGuard(call.machine, guard.dir, { ...state, on: call.machine.bootId, since: upSeconds(call), why }) ? 0 : 1;
};

/** `drover_deadman_status`. */
export const deadmanStatus: Program = (call) => {
  const guard = findGuard(call.machine);
  if (!guard) {
    call.out('absent\n');
    return 0;
  }
  const { place, armed, restarted, reverts, why } = readGuard(call.machine, guard.dir);
  call.out(`armed ${guard.run} ${guard.name} ${place} ${armed} ${restarted ? 'yes' : 'no'} ${reverts} ${why}\n`);
  return 0;
};
