import { resolveSecrets } from '../channels/ssh/secrets.ts';
import { type LibraryCall, guardedCall, claimCall, haltCall, readCall } from '../channels/ssh/script.ts';
import type { CommandResult, NodeCommand } from '../core/command.ts';
import { type Attempt, CancelledError, CommandError, ConnectionError } from '../core/error.ts';
import type { CallOptions, Clock, Guard, Hello, NodeChannel, Performed, Target, Written } from '../core/ports.ts';
import { type InProcess, type Ran, runCalls } from './in-process-exec.ts';
import { giveUp } from './node/guard.ts';
import { type Machine, isUp, machineId } from './node/machine.ts';
import { answeringAt } from './world.ts';

/** A connection: to a machine on one boot, at one address. */
type Link = { readonly machine: Machine; readonly hello: Hello };
type Ended = 'done' | 'lost' | 'timeout' | 'aborted';

/** How long a stop waits for a command to end. */
const STOP_MS = 20_000;
const PINNED = [
  ['machine-id', 'machineId'],
  ['product uuid', 'productUuid'],
] as const;
const REASONS = ['host-key', 'identity', 'unreachable'] as const;
const never = new AbortController().signal;

const hostKeyOf = (key: string): string => `SHA256:${key}`;

/** What answers at an address: the node itself, or why not. */
const tryAddress = ({ world }: InProcess, address: string, { name, identity }: Target): Link | Attempt => {
  const found = answeringAt(world, address);
  if (!found) return { address, reason: 'unreachable', message: 'nobody answers' };
  const { machine, key } = found;
  if (key !== name || (identity !== null && identity.hostKey !== hostKeyOf(key)))
    return { address, reason: 'host-key', message: 'it shows another host key than the known one' };
  const is = { hostKey: hostKeyOf(key), machineId: machineId(machine), productUuid: machine.productUuid };
  for (const [what, key] of PINNED) {
    if (identity !== null && is[key] !== identity[key])
      return { address, reason: 'identity', message: `another machine answers: its ${what} is ${is[key]}, not ${identity[key]}` };
  }
  return { machine, hello: { identity: is, address, bootId: machine.bootId } };
};

/**
 * A node of a simulation, reached by function calls: the programs, checks and refusals are those behind ssh.
 *
 * @param clock that of the process which connects: its bounds stand still when it is frozen
 */
export const inProcessChannel = (name: string, sim: InProcess, clock: Clock = sim.clock): NodeChannel => {
  let link: Link | null = null;
  let calls = 0;

  /** A machine that goes down closes its connections. */
  const standing = ({ machine, hello }: Link): boolean => isUp(machine) && machine.bootId === hello.bootId;
  /** A machine that was moved or unplugged closes nothing: it falls silent. */
  const heard = ({ machine, hello }: Link): boolean => answeringAt(sim.world, hello.address)?.machine === machine;
  const live = (): Link => {
    if (link && !standing(link)) link = null;
    if (!link) throw new ConnectionError('unreachable', `there is no connection to ${name}; it ended, or was never made`);
    return link;
  };

  /** Waits for what runs on the machine; ends it there when the caller's patience does, unless it is durable and the caller only lets go. */
  const patient = async (
    at: Link,
    running: Promise<unknown>,
    nonce: string,
    call: CallOptions,
    durable: boolean,
  ): Promise<'ended' | 'timeout' | 'aborted'> => {
    const over = new AbortController();
    const abort = (): void => over.abort('aborted');
    call.signal.addEventListener('abort', abort, { once: true });
    const first = await Promise.race([running.then(() => 'ended' as const), clock.sleep(call.timeoutMs, over.signal)]);
    call.signal.removeEventListener('abort', abort);
    over.abort('over');
    if (first === 'ended') return first;
    if (standing(at) && heard(at) && !(durable && call.signal.aborted)) {
      giveUp(at.machine, nonce);
      await Promise.race([running, clock.sleep(STOP_MS, never)]);
    }
    return call.signal.aborted ? 'aborted' : 'timeout';
  };

  /** Sends calls and waits for what comes of them, as long as somebody is on the other side. */
  const send = async (
    at: Link,
    sent: readonly LibraryCall[],
    nonce: string,
    call: CallOptions,
    durable = false,
  ): Promise<{ readonly ran: Ran; readonly ended: Ended }> => {
    const ran: Ran = { done: new Map(), refused: null };
    if (call.signal.aborted) return { ran, ended: 'aborted' };
    const lose = async (): Promise<{ readonly ran: Ran; readonly ended: Ended }> => {
      if (link === at) link = null;
      // nobody says goodbye: only unanswered questions tell
      if (standing(at)) await clock.sleep(Math.min(sim.silentMs, call.timeoutMs), call.signal);
      return { ran: { done: new Map(), refused: null }, ended: call.signal.aborted ? 'aborted' : 'lost' };
    };
    if (!heard(at)) return lose();
    let whole: boolean | undefined;
    const running = runCalls(sim, at.machine, sent, nonce, ran).then((end) => (whole = end));
    // most calls take no time at all
    await Promise.resolve();
    await Promise.resolve();
    const waited = whole === undefined ? await patient(at, running, nonce, call, durable) : 'ended';
    if (whole === false) {
      if (link === at) link = null;
      return { ran: { done: new Map(), refused: null }, ended: waited === 'ended' ? 'lost' : waited };
    }
    if (standing(at) && !heard(at)) return lose();
    return { ran, ended: waited === 'ended' ? 'done' : waited };
  };

  const results = (ran: Ran, count: number): readonly CommandResult[] | null => {
    const all: CommandResult[] = [];
    for (let index = 0; index < count; index += 1) {
      const one = ran.done.get(String(index));
      if (!one) return null;
      all.push(one);
    }
    return all;
  };

  const perform = async (
    command: NodeCommand,
    guard: Guard,
    reads: readonly NodeCommand[],
    call: CallOptions,
    attach: boolean,
  ): Promise<Written> => {
    const at = live();
    const { plain, mask } = await resolveSecrets([command, ...reads], sim.env ?? {});
    const [first, ...rest] = plain;
    if (!first) throw new CommandError('there is no command');
    const nonce = `write${(calls += 1)}`;
    const guarded = guardedCall(nonce, { command: first, guard, machineId: at.hello.identity.machineId, attach });
    const { ran, ended } = await send(at, [guarded, ...rest.map((one, index) => readCall(nonce, index, one))], nonce, call, first.durable);
    if (ran.refused) return { performed: ran.refused, reads: [] };
    const result = ran.done.get('guarded');
    if (result) {
      const masked = { ...result, stdout: mask(result.stdout), stderr: mask(result.stderr) };
      if (call.onLine) for (const line of `${masked.stdout}${masked.stderr}`.split('\n')) if (line !== '') call.onLine(line);
      return { performed: { kind: 'exited', result: masked }, reads: results(ran, reads.length) ?? [] };
    }
    const why = {
      done: `the connection to ${name} ended before ${command.masked} told how it ended`,
      lost: `the connection to ${name} ended before ${command.masked} told how it ended`,
      timeout: `${command.masked} did not end within ${call.timeoutMs} ms`,
      aborted: `${command.masked} was ${first.durable ? 'let go' : 'cancelled'}`,
    } as const;
    const performed: Performed = { kind: 'unknown', why: why[ended], ...(ended === 'timeout' && { late: true }) };
    return { performed, reads: [] };
  };

  const tell = async (make: typeof haltCall, guard: Guard, call: CallOptions): Promise<Performed> => {
    const at = live();
    const nonce = `tell${(calls += 1)}`;
    const { ran } = await send(at, [make(nonce, guard, at.hello.identity.machineId)], nonce, call);
    const result = ran.done.get('guarded');
    if (ran.refused) return ran.refused;
    return result ? { kind: 'exited', result } : { kind: 'unknown', why: `the connection to ${name} ended before the node said so` };
  };

  return {
    hello: async (target, call) => {
      if (link && !standing(link)) link = null;
      const pin = target.identity;
      if (link && (pin === null || pin.machineId === link.hello.identity.machineId)) return link.hello;
      link = null;
      const attempts: Attempt[] = [];
      for (const address of target.addresses) {
        const tried = tryAddress(sim, address, target);
        if ('machine' in tried) {
          link = tried;
          return tried.hello;
        }
        attempts.push(tried);
      }
      await clock.sleep(Math.min(sim.silentMs, call.timeoutMs), call.signal);
      if (call.signal.aborted) throw new CancelledError(`connecting to ${name} was cancelled`);
      const reason = REASONS.find((one) => attempts.some((attempt) => attempt.reason === one)) ?? 'unreachable';
      const said = attempts.map(({ address, message }) => `${address}: ${message}`).join('; ');
      throw new ConnectionError(reason, `cannot reach ${name}: ${said}`, { attempts });
    },
    read: async (commands: readonly NodeCommand[], call: CallOptions) => {
      if (commands.length === 0) return [];
      const at = live();
      const { plain } = await resolveSecrets(commands, sim.env ?? {});
      const nonce = `read${(calls += 1)}`;
      const sent = plain.map((command, index) => readCall(nonce, index, command));
      const { ran, ended } = await send(at, sent, nonce, call);
      const all = results(ran, commands.length);
      if (ended === 'done' && all) return all;
      const what = commands.length === 1 ? (commands[0]?.masked ?? '') : `a look (${commands.length} commands)`;
      if (ended === 'aborted') throw new CancelledError(`${what} on ${name} was cancelled`);
      if (ended === 'timeout')
        throw new CommandError(`${what} on ${name} did not end within ${call.timeoutMs} ms`, { transient: true, detail: { stderr: '' } });
      throw new ConnectionError('unreachable', `the connection to ${name} ended before ${what} was done`);
    },
    write: (command, guard, reads, call) => perform(command, guard, reads, call, false),
    attach: (command, guard, reads, call) => perform(command, guard, reads, call, true),
    claim: (guard, call) => tell(claimCall, guard, call),
    halt: (guard, call) => tell(haltCall, guard, call),
    drop: () => {
      link = null;
    },
    [Symbol.asyncDispose]: () => {
      link = null;
      return Promise.resolve();
    },
  };
};
