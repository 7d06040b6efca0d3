import { type Claim, enter, giveUp, leave } from '../node/guard.ts';
import type { CommandRecord, Guarded, Machine } from '../node/machine.ts';
import { DROVER_HOME } from '../node/snapshots.ts';
import { CUT, type Call, type Program, type Running } from './program.ts';

/** How long the machine has been up, as the markers of the library tell it. */
const uptime = (call: Call): string => ((call.now() - call.machine.bootedAt) / 1000).toFixed(2);

/** Begins a result on both streams. */
export const begin = (call: Call, nonce: string, index: string): void => {
  call.out(`\n${nonce} begin ${index} ${uptime(call)}\n`);
  call.err(`\n${nonce} begin ${index} ${uptime(call)}\n`);
};

/** Ends a result on both streams. */
export const end = (call: Call, nonce: string, index: string, code: number): void => {
  call.err(`\n${nonce} end ${index} ${code} ${uptime(call)}\n`);
  call.out(`\n${nonce} end ${index} ${code} ${uptime(call)}\n`);
};

/** How soon a command at work notices that it is to end. */
const SLICE_MS = 100;

/** Runs on until it is ended from outside, as by SIGTERM. */
export function* untilEnded(running: Running, guarded: Guarded): Running {
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

/** Says that the wrapper refuses; what follows in the script does not run either. */
export const refuse = (call: Call, claim: Claim, code: number, detail: string): number => {
  call.variables.set('drover_ran', '0');
  call.machine.refusals.push({ at: call.now(), fence: claim.fence, step: claim.step, code });
  call.out(`\n${claim.nonce} refused ${code} ${detail}\n`);
  return 0;
};

/** The words that every call of a mutating command begins with. */
export const claimOf = ({ args }: Call): Claim => {
  const [nonce = '', fence = '', run = '', step = '', attempt = '', bootId = '', machineId = ''] = args;
  return { nonce, fence: Number(fence), run, step, attempt: Number(attempt), bootId, machineId };
};

/** Waits for the wrapper's lock; false when it is held for too long. */
export function* locked(call: Call): Generator<number, boolean, void> {
  const { machine } = call;
  const held = (machine.faults.wrapperLockUntil ?? 0) - call.now();
  if (held > 0) yield Math.min(held, machine.timings.wrapperLockMs);
  return held <= machine.timings.wrapperLockMs;
}

/** What the wrapper says when it waited for its lock in vain. */
export const LOCK_HELD = 'the lock file was held for 10 s';

/** When the next mutating command is to be cut off, if it is. */
export const severedNext = (machine: Machine): 'before' | 'during' | 'after' | undefined => {
  const when = machine.faults.sever?.command === machine.commands.length + 1 ? machine.faults.sever.when : undefined;
  if (when !== undefined) delete machine.faults.sever;
  return when;
};

/** Logs a mutating command that is about to run. */
export const recorded = (call: Call, { fence, run, step, attempt }: Claim, text: string): CommandRecord => {
  const record: CommandRecord = { at: call.now(), fence, run, step, attempt, text, exitCode: null };
  call.machine.commands.push(record);
  return record;
};

/** `drover_guarded NONCE FENCE RUN STEP ATTEMPT BOOTID MACHINEID TEXT STDIN`. */
export const droverGuarded: Program = function* (call): Running {
  const { machine } = call;
  const claim = claimOf(call);
  const [text = '', stdin = ''] = call.args.slice(7);
  if (!(yield* locked(call))) return refuse(call, claim, 92, LOCK_HELD);
  const severed = severedNext(machine);
  if (severed === 'before') yield CUT;
  const entered = enter(machine, claim, call.now());
  if ('code' in entered) return refuse(call, claim, entered.code, entered.detail);
  const record = recorded(call, claim, text);
  call.variables.set('drover_ran', '1');
  call.variables.set('DROVER_RUN_DIR', `${DROVER_HOME}/${claim.run}`);
  begin(call, claim.nonce, 'guarded');
  const code = yield* untilEnded(call.run(text, { stdin }), entered.guarded);
  record.exitCode = code;
  leave(machine, entered.guarded);
  if (severed !== undefined) yield CUT;
  end(call, claim.nonce, 'guarded', code);
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
