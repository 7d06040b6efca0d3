import { type Claim, enter, giveUp, leave } from '../node/guard.ts';
import type { CommandRecord, Guarded } from '../node/machine.ts';
import { DROVER_HOME } from '../node/snapshots.ts';
import { CUT, type Call, type Program, type Running } from './program.ts';

const uptime = (call: Call): string => ((call.now() - call.machine.bootedAt) / 1000).toFixed(2);

const begin = (call: Call, nonce: string, index: string): void => {
  call.out(`\n${nonce} begin ${index} ${uptime(call)}\n`);
  call.err(`\n${nonce} begin ${index} ${uptime(call)}\n`);
};

const end = (call: Call, nonce: string, index: string, code: number): void => {
  call.err(`\n${nonce} end ${index} ${code} ${uptime(call)}\n`);
  call.out(`\n${nonce} end ${index} ${code} ${uptime(call)}\n`);
};

/** How soon a command at work notices that it is to end. */
const SLICE_MS = 100;

/** Runs on until it is ended from outside, as by SIGTERM. */
function* untilEnded(running: Running, guarded: Guarded): Running {
  for (;;) {
    const step = running.next();
    if (step.done === true) return step.value;
    if (step.value === CUT) yield CUT;
    for (let left = step.value; left > 0 && !guarded.ended; left -= SLICE_MS) yield Math.min(left, SLICE_MS);
    if (!guarded.ended) continue;
    running.return(143);
    return 143;
  }
}

/** `drover_read NONCE INDEX TEXT STDIN`; says nothing after a guarded call that did not run. */
export const droverRead: Program = function* (call): Running {
  const [nonce = '', index = '', text = '', stdin = ''] = call.args;
  if (call.variables.get('drover_ran') !== '1') return 0;
  begin(call, nonce, index);
  end(call, nonce, index, yield* call.run(text, { stdin }));
  return 0;
};

/** `drover_look CALLS`: several reads at once. */
export const droverLook: Program = (call) => (call.variables.get('drover_ran') === '1' ? call.run(call.args[0] ?? '') : 0);

const refuse = (call: Call, claim: Claim, code: number, detail: string): number => {
  call.machine.refusals.push({ at: call.now(), fence: claim.fence, step: claim.step, code });
  call.out(`\n${claim.nonce} refused ${code} ${detail}\n`);
  return 0;
};

/** `drover_guarded NONCE FENCE RUN STEP ATTEMPT BOOTID MACHINEID TEXT STDIN`. */
export const droverGuarded: Program = function* (call): Running {
  const [nonce = '', fence = '', run = '', step = '', attempt = '', bootId = '', machineId = '', text = '', stdin = ''] = call.args;
  const { machine } = call;
  const claim: Claim = { nonce, fence: Number(fence), run, step, attempt: Number(attempt), bootId, machineId };
  call.variables.set('drover_ran', '0');
  const held = (machine.faults.wrapperLockUntil ?? 0) - call.now();
  if (held > 0) yield Math.min(held, machine.timings.wrapperLockMs);
  if (held > machine.timings.wrapperLockMs) return refuse(call, claim, 92, 'the lock file was held for 10 s');
  const severed = machine.faults.sever?.command === machine.commands.length + 1 ? machine.faults.sever.when : undefined;
  if (severed !== undefined) delete machine.faults.sever;
  if (severed === 'before') yield CUT;
  const entered = enter(machine, claim, call.now());
  if ('code' in entered) return refuse(call, claim, entered.code, entered.detail);
  const record: CommandRecord = { at: call.now(), fence: claim.fence, run, step, attempt: claim.attempt, text, exitCode: null };
  machine.commands.push(record);
  call.variables.set('drover_ran', '1');
  call.variables.set('DROVER_RUN_DIR', `${DROVER_HOME}/${run}`);
  begin(call, nonce, 'guarded');
  const code = yield* untilEnded(call.run(text, { stdin }), entered.guarded);
  record.exitCode = code;
  leave(machine, entered.guarded);
  if (severed === 'after') yield CUT;
  end(call, nonce, 'guarded', code);
  return 0;
};

/** `drover_stop NONCE STOPPED`. */
export const droverStop: Program = (call) => {
  const [nonce = '', stopped = ''] = call.args;
  begin(call, nonce, 'stop');
  giveUp(call.machine, stopped);
  end(call, nonce, 'stop', 0);
  return 0;
};

/** `drover_durable TEXT`: commands of the simulator outlive their connection anyway. */
export const droverDurable: Program = (call) => call.run(call.args[0] ?? '');
