import { endDurable, knownUnit, lives, recordUnit, sweepUnit, unitDir, unitResult } from './durable.ts';
import { lookUp, putFile, removePath, textFile } from './files.ts';
import { type Guarded, type Machine, machineId } from './machine.ts';
import { DROVER_HOME } from './snapshots.ts';

/** What comes with a mutating command, as the call line has it. */
export type Claim = {
  readonly nonce: string;
  readonly fence: number;
  readonly run: string;
  readonly step: string;
  readonly attempt: number;
  readonly bootId: string;
  readonly machineId: string;
};

/** What is particular about a command: the unit of a durable one, to be started or only followed; or nothing is to run, and whatever runs has to end. */
export type Manner = { readonly unit?: { readonly name: string; readonly attach: boolean }; readonly halting?: boolean };

/** Why the wrapper does not run a command: its code, and what it says. */
export type Refused = { readonly code: 90 | 91 | 92 | 93 | 94 | 95 | 96; readonly detail: string };

const line = (machine: Machine, name: string): string | undefined => {
  const entry = lookUp(machine.files, `${DROVER_HOME}/${name}`);
  return entry?.kind === 'file' ? entry.content.split('\n')[0] : undefined;
};

const state = (machine: Machine, name: string, text: string): unknown =>
  putFile(machine.files, `${DROVER_HOME}/${name}`, textFile(`${text}\n`, 0o600));

/** Whether a durable command is there already, to be followed; a refusal when it should be and is not. */
const findUnit = (machine: Machine, run: string, { name, attach }: NonNullable<Manner['unit']>): boolean | Refused => {
  const known = knownUnit(machine)?.name === name;
  if (known && (lives(machine, name) || (attach && unitResult(machine, unitDir(run, name)).code !== null))) return true;
  return attach ? { code: 90, detail: known ? 'it is gone without an exit status' : 'nothing of it is there' } : false;
};

/** What the wrapper has against a claim, whatever is to run. */
const admit = (machine: Machine, claim: Claim): Refused | undefined => {
  const stored = line(machine, 'fence') ?? '0';
  if (!/^\d+$/.test(stored)) return { code: 96, detail: `${DROVER_HOME}/fence is damaged` };
  if (claim.fence < Number(stored)) return { code: 91, detail: stored };
  if (machineId(machine) !== claim.machineId) return { code: 94, detail: machineId(machine) };
  if (machine.bootId !== claim.bootId) return { code: 95, detail: machine.bootId };
  return undefined;
};

/** Keeps every lower fence out from now on, and ends what one runs attached. */
export const seize = (machine: Machine, claim: Claim): Refused | undefined => {
  const refused = admit(machine, claim);
  if (refused) return refused;
  if (machine.files.full) return { code: 96, detail: `could not store the fence in ${DROVER_HOME}: full or read-only` };
  state(machine, 'fence', String(claim.fence));
  if (machine.guarded && machine.guarded.fence < claim.fence) machine.guarded.ended = true;
  return undefined;
};

/** Decides as the wrapper on a real node does, in its order, and stores fence and intent; ends what an older fence left at work. */
export const enter = (
  machine: Machine,
  claim: Claim,
  now: number,
  { unit, halting = false }: Manner = {},
): Refused | { readonly guarded: Guarded; readonly follows: boolean } => {
  const refused = admit(machine, claim);
  if (refused) return refused;
  if (line(machine, 'stopped') === claim.nonce) return { code: 93, detail: 'its sender had given it up' };
  const follows = unit ? findUnit(machine, claim.run, unit) : false;
  if (typeof follows !== 'boolean') return follows;
  const still = (what: string): Refused => ({ code: 92, detail: `an earlier command of this worker still runs (${what})` });
  const old = machine.guarded;
  if (old && !old.ended && old.fence === claim.fence && !follows && !halting) return still(`pid ${old.pid}`);
  const left = follows ? undefined : knownUnit(machine);
  if (left && left.fence === claim.fence && !halting && lives(machine, left.name)) return still(left.name);
  if (machine.files.full) return { code: 96, detail: `could not store fence and intent in ${DROVER_HOME}: full or read-only` };
  if (old) old.ended = true;
  if (left) sweepUnit(machine, left);
  const guarded: Guarded = { pid: (machine.nextPid += 7), fence: claim.fence, nonce: claim.nonce, ended: false };
  state(machine, 'fence', String(claim.fence));
  state(
    machine,
    'intent',
    `fence=${claim.fence} run=${claim.run} step=${claim.step} attempt=${claim.attempt} boot=${claim.bootId} at=${Math.floor(now / 1000)}`,
  );
  state(machine, 'running', `${guarded.pid} ${Math.floor(now - machine.bootedAt)} ${claim.bootId} ${claim.fence} ${claim.nonce}`);
  if (unit && (follows || machine.faults.noSystemd !== true)) recordUnit(machine, { ...claim, name: unit.name });
  machine.guarded = guarded;
  return { guarded, follows };
};

/** The command has ended; what stands in `running` is its own, unless a newer one has taken over. */
export const leave = (machine: Machine, guarded: Guarded): void => {
  if (machine.guarded !== guarded) return;
  machine.guarded = null;
  removePath(machine.files, `${DROVER_HOME}/running`);
};

/** Ends the command that was sent with a nonce, and keeps it from starting where it has not yet. */
export const giveUp = (machine: Machine, nonce: string): void => {
  state(machine, 'stopped', nonce);
  if (machine.guarded?.nonce === nonce) machine.guarded.ended = true;
  if (knownUnit(machine)?.nonce === nonce) endDurable(machine);
};

/** The highest fence that a node has seen. */
export const storedFence = (machine: Machine): number => Number(line(machine, 'fence') ?? '0');
