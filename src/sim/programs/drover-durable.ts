import { type Durable, advanceDurable, clearUnit, lives, startDurable, unitDir, unitResult, unitSink } from '../node/durable.ts';
import { type Claim, enter, leave, seize } from '../node/guard.ts';
import type { CommandRecord } from '../node/machine.ts';
import { LOCK_HELD, begin, claimOf, end, locked, recorded, refuse, severedNext, untilEnded } from './drover-calls.ts';
import { CUT, type Call, type Program, type Running } from './program.ts';

const GONE = 'it is gone without an exit status';
/** What a follower that was ended from outside comes to; it has told nothing. */
const KILLED = 143;

/** The command's own text in what a unit runs. */
const textOf = (script: string): string => /\ndrover_run '((?:[^']|'\\'')*)'/.exec(script)?.[1]?.replaceAll("'\\''", "'") ?? script;

const launch = (call: Call, { run }: Claim, name: string, script: string, record: CommandRecord): void => {
  const { machine } = call;
  const dir = unitDir(run, name);
  const running = call.run('sh -s', {
    stdin: script,
    variables: new Map(),
    out: unitSink(machine, dir, 'out'),
    err: unitSink(machine, dir, 'err'),
    now: () => durable.due,
  });
  const durable: Durable = { name, record, running, due: call.now() };
  startDurable(machine, durable);
};

/** Prints what is new until the unit has ended; its exit code, or null when it left none. */
function* follow(call: Call, dir: string, name: string): Generator<number, number | null, void> {
  const { machine } = call;
  const shown = { out: 0, err: 0 };
  for (;;) {
    advanceDurable(machine, call.now());
    const { out, err, code } = unitResult(machine, dir);
    if (out.length > shown.out) call.out(out.slice(shown.out));
    if (err.length > shown.err) call.err(err.slice(shown.err));
    shown.out = out.length;
    shown.err = err.length;
    if (code !== null || !lives(machine, name)) return code;
    yield Math.max(1, (machine.durable?.due ?? call.now()) - call.now());
  }
}

/** `drover_durable NONCE FENCE RUN STEP ATTEMPT BOOTID MACHINEID UNIT start|attach SCRIPT`. */
export const droverDurable: Program = function* (call): Running {
  const { machine } = call;
  const claim = claimOf(call);
  const [name = '', how = '', script = ''] = call.args.slice(7);
  if (!(yield* locked(call))) return refuse(call, claim, 92, LOCK_HELD);
  const severed = how === 'start' ? severedNext(machine) : undefined;
  if (severed === 'before') yield CUT;
  const entered = enter(machine, claim, call.now(), { unit: { name, attach: how === 'attach' } });
  if ('code' in entered) return refuse(call, claim, entered.code, entered.detail);
  const { guarded, follows } = entered;
  const dir = unitDir(claim.run, name);
  const record = follows ? undefined : recorded(call, claim, textOf(script));
  const attached = machine.faults.noSystemd === true && !follows;
  call.variables.set('drover_ran', '1');
  begin(call, claim.nonce, 'guarded');
  if (attached) call.err('drover: systemd is not at work here; the command runs attached to this connection\n');
  else if (record) {
    clearUnit(machine, dir);
    launch(call, claim, name, script, record);
    if (severed === 'during') yield CUT;
  }
  let code: number | null = null;
  const running = attached
    ? call.run('sh -s', { stdin: script })
    : (function* (): Running {
        code = yield* follow(call, dir, name);
        return code ?? 0;
      })();
  const ended = yield* untilEnded(running, guarded);
  if (guarded.ended) {
    call.variables.set('drover_ran', '0');
    return KILLED;
  }
  if (attached) code = ended;
  if (attached && record) record.exitCode = code;
  leave(machine, guarded);
  if (severed !== undefined) yield CUT;
  if (code === null) return refuse(call, claim, 90, GONE);
  end(call, claim.nonce, 'guarded', code);
  return 0;
};

/** `drover_halt NONCE FENCE RUN STEP ATTEMPT BOOTID MACHINEID`: ends whatever runs. */
export const droverHalt: Program = function* (call): Running {
  const claim = claimOf(call);
  if (!(yield* locked(call))) return refuse(call, claim, 92, LOCK_HELD);
  const entered = enter(call.machine, claim, call.now(), { halting: true });
  if ('code' in entered) return refuse(call, claim, entered.code, entered.detail);
  begin(call, claim.nonce, 'guarded');
  leave(call.machine, entered.guarded);
  end(call, claim.nonce, 'guarded', 0);
  return 0;
};

/** `drover_claim NONCE FENCE RUN STEP ATTEMPT BOOTID MACHINEID`: keeps every lower fence out from now on. */
export const droverClaim: Program = function* (call): Running {
  const claim = claimOf(call);
  if (!(yield* locked(call))) return refuse(call, claim, 92, LOCK_HELD);
  const refused = seize(call.machine, claim);
  if (refused) return refuse(call, claim, refused.code, refused.detail);
  begin(call, claim.nonce, 'guarded');
  end(call, claim.nonce, 'guarded', 0);
  return 0;
};

/** `drover_run TEXT STDIN`: a text as a shell of its own. */
export const droverRun: Program = (call) => call.run(call.args[0] ?? '', { stdin: call.args[1] ?? '' });
