import { refusals } from '../channels/ssh/results.ts';
import type { LibraryCall } from '../channels/ssh/script.ts';
import type { CommandResult } from '../core/command.ts';
import type { Clock, Performed } from '../core/ports.ts';
import { baseFiles } from './node/create.ts';
import { guardTold } from './node/deadman-files.ts';
import { fingerprint, sinceWhen } from './node/fingerprint.ts';
import type { Machine, Process } from './node/machine.ts';
import { DROVER_HOME } from './node/snapshots.ts';
import { find } from './programs/registry.ts';
import type { Frame } from './shell/frame.ts';
import { runNamed } from './shell/run.ts';
import type { World } from './world.ts';

/** What reaches the machines of a simulation from within the same process. */
export type InProcess = {
  readonly world: World;
  /** The clock that drives the machines. */
  readonly clock: Clock;
  /** Where secrets of the form `{env}` are looked up. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long it takes to notice that nobody is at an address, or no longer is. */
  readonly silentMs: number;
  /** Called after whatever was done to a machine, or to the cluster. */
  turn(machine?: string): void;
};

/** What calls of the node library came to; results by index (`guarded`, `stop`, `0`, `1` …). */
export type Ran = {
  readonly done: Map<string, CommandResult>;
  refused: Extract<Performed, { kind: 'refused' }> | null;
};

/** What was answered to looks, by all that a look can see of a machine: a fleet asks the same again and again. */
const answers = new Map<string, Map<string, CommandResult>>();
const KEEP = 20_000;
const latest = new WeakMap<Machine, { readonly version: number; readonly answers: Map<string, CommandResult> }>();

const answersOf = (world: World, machine: Machine): Map<string, CommandResult> => {
  const version = world.versions.get(machine.name) ?? 0;
  const known = latest.get(machine);
  if (known?.version === version) return known.answers;
  const seen = fingerprint(machine, baseFiles(machine.distro, machine.arch).entries);
  let found = answers.get(seen);
  if (!found) {
    if (answers.size >= KEEP) answers.clear();
    found = new Map();
    answers.set(seen, found);
  }
  latest.set(machine, { version, answers: found });
  return found;
};

/** Texts whose answer may tell since when something runs: what systemctl(1) says unless it is asked for properties, what rpm(8) does, and most of proc(5). */
const asksSince = /Timestamp|\bsystemctl (?!show -p )|\brpm\b|\/proc\/(?!sys\/|modules|cmdline)/;

/**
 * A look whose answer follows from what is fingerprinted: not of drover's own folder or of how long the machine is up, and not on one that is slow. Where the guard of an
 * address move stands is asked so often that what it has written belongs to the question; and since when things run, to those that may ask for it.
 */
const lookOf = ({ name, words }: LibraryCall, machine: Machine): string | undefined => {
  const [, , text = '', stdin = ''] = words;
  if (name !== 'drover_read' || (machine.faults.slowMs ?? 0) > 0 || text.includes(DROVER_HOME) || text.includes('/proc/uptime'))
    return undefined;
  if (!text.includes('drover_deadman_')) return `${text}\0${stdin}${asksSince.test(text) ? `\0${sinceWhen(machine)}` : ''}`;
  return text === 'drover_deadman_status' ? `${text}\0${guardTold(machine)}` : undefined;
};

const startFrame = (machine: Machine, out: Frame['out'], err: Frame['err'], clock: Clock): Frame => ({
  machine,
  user: 'root',
  variables: new Map([
    ['HOME', '/root'],
    ['USER', 'root'],
    ['PATH', '/usr/local/bin:/usr/bin:/bin'],
    ['DROVER_HOME', DROVER_HOME],
    ['DROVER_RUN_DIR', ''],
    ['drover_ran', '1'],
  ]),
  stdin: { text: '' },
  out,
  err,
  programs: (name, variables) => find(machine, name, variables),
  now: () => clock.now(),
  status: 0,
  exited: false,
});

/** Takes what the library prints apart; it prints each marker line by one call. */
const readerOf = (nonce: string, ran: Ran, now: () => number) => {
  const mark = `\n${nonce} `;
  const texts = { out: '', err: '' };
  let since = 0;
  return (stream: 'out' | 'err') =>
    (text: string): void => {
      if (!text.startsWith(mark)) {
        texts[stream] += text;
        return;
      }
      const [kind, index = '', ...words] = text.slice(mark.length, -1).split(' ');
      if (kind === 'refused') ran.refused = { kind: 'refused', why: refusals[index] ?? 'state', detail: words.join(' ') };
      else if (stream === 'err') return;
      else if (kind === 'begin') {
        texts.out = '';
        texts.err = '';
        since = now();
      } else ran.done.set(index, { exitCode: Number(words[0]), stdout: texts.out, stderr: texts.err, durationMs: now() - since });
    };
};

const never = new AbortController().signal;

/**
 * Runs calls of the node library on a machine as root, one after another: the same programs as behind ssh, without a shell in between.
 *
 * @returns false when the connection was cut, or the machine went down, before the last had ended
 */
export const runCalls = async (
  sim: InProcess,
  machine: Machine,
  calls: readonly LibraryCall[],
  nonce: string,
  ran: Ran,
): Promise<boolean> => {
  const { world, clock } = sim;
  const reader = readerOf(nonce, ran, () => clock.now());
  const frame = startFrame(machine, reader('out'), reader('err'), clock);
  const process: Process = { ended: false };
  machine.processes.add(process);
  try {
    for (const call of calls) {
      const [, index = ''] = call.words;
      const look = lookOf(call, machine);
      if (look !== undefined && frame.variables.get('drover_ran') !== '1') continue;
      const known = look === undefined ? undefined : answersOf(world, machine).get(look);
      if (known) {
        ran.done.set(index, known);
        continue;
      }
      for (const [name, value] of Object.entries(call.secrets)) frame.variables.set(name, value);
      const before = clock.now();
      const running = runNamed(call.name, call.words, frame);
      for (let step = running.next(); step.done !== true; step = running.next()) {
        if (Number.isFinite(step.value)) {
          sim.turn(machine.name);
          await clock.sleep(step.value, never);
          if (!process.ended) continue;
        }
        running.return(143);
        // what it did before it was cut is there to be seen
        sim.turn(machine.name);
        return false;
      }
      const result = ran.done.get(index);
      if (look === undefined) sim.turn(machine.name);
      else if (result && clock.now() === before) answersOf(world, machine).set(look, result);
    }
    return true;
  } finally {
    machine.processes.delete(process);
  }
};
