import type { NodeCommand } from '../../src/core/command.ts';
import { ConnectionError } from '../../src/core/error.ts';
import type { Identity } from '../../src/core/node.ts';
import type { Clock, Guard, NodeChannel, Performed } from '../../src/core/ports.ts';
import { type ToyUnit, followUnit, haltUnit, settleUnit, startUnit } from './toy-unit.ts';

/** A machine of a few words: `disk` survives a boot, `live` is made from it at each boot, `cordon` lives in the cluster. */
export type Toy = {
  machineId: string;
  disk: Map<string, string>;
  live: Map<string, string>;
  boots: number;
  fence: number;
  downUntil: number;
  sent: string[];
  /** How often it was asked without being told to change anything. */
  looks: number;
  /** Keys that do not come up at a boot. */
  broken: Set<string>;
  intent: string;
  /** Fences that claimed it. */
  claims: number[];
  /** Who it had to be at each contact; null where nobody knew yet. */
  expected: (Identity | null)[];
  /** The durable command that was started last. */
  unit: ToyUnit | null;
  /** The texts of durable commands that were ended before their end. */
  ended: string[];
  /** When the worker that follows a durable command dies. */
  diesAt: number | null;
};

/** A toy as it stands before anything was done. */
export const newToy = (machineId = 'toy'): Toy => ({
  machineId,
  disk: new Map([
    ['conf', 'old'],
    ['svc', 'on'],
    ['cordon', 'no'],
  ]),
  live: new Map([['conf', 'old']]),
  boots: 1,
  fence: 0,
  downUntil: 0,
  sent: [],
  looks: 0,
  broken: new Set(),
  intent: '',
  claims: [],
  expected: [],
  unit: null,
  ended: [],
  diesAt: null,
});

/** A clock that only moves when somebody sleeps. */
export const toyClock = (): Clock & { at: number } => {
  const clock = {
    at: 1_000_000,
    now: () => clock.at,
    sleep: async (ms: number, signal: AbortSignal) => {
      // an hour-long sleeper that is aborted must not move the clock
      await Promise.resolve();
      if (!signal.aborted) clock.at += ms;
    },
  };
  return clock;
};

const BOOT_MS = 20_000;
/** The boot id of the toy. */
export const bootId = (toy: Toy): string => `boot-${toy.boots}`;
const identity = ({ machineId }: Toy): Identity => ({ hostKey: 'SHA256:toy', machineId, productUuid: null });

const run = (toy: Toy, clock: Clock, text: string): { exitCode: number; stdout: string } => {
  const [word, key = '', value = ''] = text.split(' ');
  if (text === 'cat /var/lib/drover/intent') return { exitCode: toy.intent === '' ? 1 : 0, stdout: toy.intent };
  if (word === 'cat') return { exitCode: 0, stdout: `${bootId(toy)}\n` };
  if (word === 'get') return { exitCode: 0, stdout: `${toy.disk.get(key) ?? '-'} ${toy.live.get(key) ?? '-'}` };
  if (word === 'set') {
    toy.disk.set(key, value);
    return { exitCode: 0, stdout: '' };
  }
  if (word === 'reboot') {
    toy.boots += 1;
    toy.downUntil = clock.now() + BOOT_MS;
    toy.live = new Map([...toy.disk].filter(([name]) => !toy.broken.has(name)));
    toy.disk.set('svc', 'on');
    return { exitCode: 0, stdout: '' };
  }
  return { exitCode: 127, stdout: '' };
};

/** A channel to the toy with the fence and the boot check of the real wrapper. */
export const toyChannel = (toy: Toy, clock: Clock): NodeChannel => {
  const reach = (): void => {
    settleUnit(toy, clock);
    if (clock.now() < toy.downUntil) throw new ConnectionError('unreachable', 'nobody answers at 10.0.0.1');
  };
  const answer = (command: NodeCommand): { exitCode: number; stdout: string; stderr: string; durationMs: number } => ({
    ...run(toy, clock, command.text),
    stderr: '',
    durationMs: 1,
  });
  type Refused = Extract<Performed, { kind: 'refused' }>;
  const enter = (guard: Guard, intends = true): Refused | undefined => {
    reach();
    if (guard.fence < toy.fence) return { kind: 'refused', why: 'fence', detail: String(toy.fence) };
    if (guard.bootId !== bootId(toy)) return { kind: 'refused', why: 'boot', detail: 'the node has rebooted since' };
    toy.fence = guard.fence;
    if (intends) toy.intent = `fence=${guard.fence} run=${guard.run} step=${guard.step} attempt=${guard.attempt} boot=${guard.bootId} at=0`;
    return undefined;
  };
  const write: NodeChannel['write'] = async (command, guard, reads, call) => {
    const refused = enter(guard);
    if (refused) return { performed: refused, reads: [] };
    toy.sent.push(command.text);
    if (command.durable === true) {
      startUnit(toy, clock, command.text, guard);
      return { performed: await followUnit(toy, clock, guard, command.text, call), reads: [] };
    }
    haltUnit(toy);
    const result = answer(command);
    if (command.text === 'reboot') return { performed: { kind: 'unknown', why: 'the connection ended without an exit status' }, reads: [] };
    return { performed: { kind: 'exited', result }, reads: reads.map(answer) };
  };
  const attach: NodeChannel['attach'] = async (command, guard, _reads, call) => {
    const refused = enter(guard);
    return { performed: refused ?? (await followUnit(toy, clock, guard, command.text, call)), reads: [] };
  };
  const claim: NodeChannel['claim'] = async (guard) => {
    await Promise.resolve();
    const refused = enter(guard, false);
    if (refused) return refused;
    toy.claims.push(guard.fence);
    return { kind: 'exited', result: { exitCode: 0, stdout: '', stderr: '', durationMs: 0 } };
  };
  const halt: NodeChannel['halt'] = async (guard) => {
    await Promise.resolve();
    const refused = enter(guard);
    if (refused) return refused;
    haltUnit(toy);
    return { kind: 'exited', result: { exitCode: 0, stdout: '', stderr: '', durationMs: 0 } };
  };
  return {
    hello: async (target) => {
      await Promise.resolve();
      toy.expected.push(target.identity);
      reach();
      return { identity: identity(toy), address: '10.0.0.1', bootId: bootId(toy) };
    },
    read: async (commands) => {
      await Promise.resolve();
      reach();
      toy.looks += 1;
      return commands.map(answer);
    },
    write,
    attach,
    claim,
    halt,
    drop: () => undefined,
    [Symbol.asyncDispose]: async () => Promise.resolve(),
  };
};
