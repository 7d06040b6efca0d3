import { createHash, randomUUID } from 'node:crypto';
import { type NodeCommand, sh } from '../../src/core/command.ts';
import { ConnectionError } from '../../src/core/error.ts';
import { type Fact, reading } from '../../src/core/fact.ts';
import type { Node } from '../../src/core/node.ts';
import type { Clock, Guard, Journal, NodeChannel, Performed } from '../../src/core/ports.ts';
import {
  type Activation,
  type Change,
  type Disruption,
  type Gate,
  type Step,
  activation,
  change,
  disruption,
  gate,
} from '../../src/core/step.ts';
import { layOut } from '../../src/core/plan.ts';
import { execute } from '../../src/engine/execute.ts';
import type { Ended, World } from '../../src/engine/world.ts';

/** A machine of a few words: `disk` survives a boot, `live` is made from it at each boot, `cordon` lives in the cluster. */
export type Toy = {
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
};

/** A toy as it stands before anything was done. */
export const newToy = (): Toy => ({
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
const bootId = (toy: Toy): string => `boot-${toy.boots}`;
const identity = { hostKey: 'SHA256:toy', machineId: 'toy', productUuid: null };

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
    if (clock.now() < toy.downUntil) throw new ConnectionError('unreachable', 'nobody answers at 10.0.0.1');
  };
  const answer = (command: NodeCommand): { exitCode: number; stdout: string; stderr: string; durationMs: number } => ({
    ...run(toy, clock, command.text),
    stderr: '',
    durationMs: 1,
  });
  const write = async (
    command: NodeCommand,
    guard: Guard,
    reads: readonly NodeCommand[],
  ): Promise<{ performed: Performed; reads: ReturnType<typeof answer>[] }> => {
    reach();
    if (guard.fence < toy.fence) return { performed: { kind: 'refused', why: 'fence', detail: String(toy.fence) }, reads: [] };
    if (guard.bootId !== bootId(toy))
      return { performed: { kind: 'refused', why: 'boot', detail: 'the node has rebooted since' }, reads: [] };
    toy.fence = guard.fence;
    toy.intent = `fence=${guard.fence} run=${guard.run} step=${guard.step} attempt=${guard.attempt} boot=${guard.bootId} at=0`;
    toy.sent.push(command.text);
    const result = answer(command);
    if (command.text === 'reboot') return { performed: { kind: 'unknown', why: 'the connection ended without an exit status' }, reads: [] };
    return { performed: { kind: 'exited', result }, reads: reads.map(answer) };
  };
  return {
    hello: async () => {
      await Promise.resolve();
      reach();
      return { identity, address: '10.0.0.1', bootId: bootId(toy) };
    },
    read: async (commands) => {
      await Promise.resolve();
      reach();
      toy.looks += 1;
      return commands.map(answer);
    },
    write,
    drop: () => undefined,
    [Symbol.asyncDispose]: async () => Promise.resolve(),
  };
};

type Pair = { disk: string; live: string };
const pair = (key: string): Fact<Pair> =>
  reading(sh`get ${key}`, ({ stdout }) => ({ disk: stdout.split(' ')[0] ?? '', live: stdout.split(' ')[1] ?? '' }));

/** Sets a word of the toy, and sets it back. */
export const toySet = (key: string, value: string, more: Partial<Change> = {}): Change => ({
  ...change<Pair>({
    id: `set:${key}=${value}`,
    title: `${key} is ${value}`,
    wish: { key, value },
    observe: () => pair(key),
    unmet: (now) => (now.disk === value ? [] : [`${key} is ${now.disk}`]),
    restored: (now, before) => (now.disk === before.disk ? [] : [`${key} is ${now.disk}, was ${before.disk}`]),
    apply: () => [sh`set ${key} ${value}`],
    rollback: (before) => (before.disk === value ? [] : [sh`set ${key} ${before.disk}`]),
  }),
  ...more,
});

/** Holds when a word is live. */
export const toyLive = (key: string, value: string): Gate =>
  gate<Pair>({
    id: `live:${key}=${value}`,
    title: `${key} is live`,
    wish: { key, value },
    within: '5s',
    observe: () => pair(key),
    unmet: (now) => (now.live === value ? [] : [`${key} is ${now.live} on this boot`]),
    restored: (now, before) => (now.live === before.live ? [] : [`${key} is live as ${now.live}, was ${before.live}`]),
  });

/** Boots the toy when something waits for a boot. */
export const toyReboot = (): Activation =>
  activation<{ bootId: string; proofs: { [id: string]: Pair } }>({
    id: 'reboot',
    title: 'reboot',
    wish: 'a boot',
    boots: true,
    within: '2m',
    observe: (ctx) => ({
      all: {
        bootId: reading(sh`cat /proc/sys/kernel/random/boot_id`, ({ stdout }) => stdout.trim()),
        proofs: { all: Object.fromEntries(ctx.awaiting.map(({ step }) => [step, pair('conf')])) },
      },
    }),
    unmet: (now, before, ctx) => {
      if (now.bootId !== before.bootId) return [];
      return ctx.awaiting.flatMap(({ step, appliedOn, proof }) => {
        if (appliedOn === now.bootId) return [`${step} has not seen a boot yet`];
        const state = now.proofs[step];
        return appliedOn === null && proof && state ? proof.unmet(state, state, ctx) : [];
      });
    },
    apply: () => [sh`reboot`],
  });

/** The shape of F1 in toy words. */
export const toyPlan = (value = 'new'): readonly Disruption[] => [
  disruption({
    open: [toySet('cordon', 'yes', { outlivesBoot: true }), toySet('svc', 'off')],
    inner: [toySet('conf', value, { takesEffect: 'boot', proof: toyLive('conf', value) }), toyReboot()],
    close: [
      { ...toySet('svc', 'on'), id: 'svc-on' },
      { ...toySet('cordon', 'no'), id: 'uncordon' },
    ],
  }),
];

/** The one node of the toy world. */
export const toyNode: Node = { name: 'n1', addresses: ['10.0.0.1'], labels: {}, vars: {} };

/** One hold of the toy, by a worker with this fence. */
export const hold = async (
  toy: Toy,
  clock: Clock,
  journal: Journal,
  fence: number,
  options: { plan?: readonly (Step | Disruption)[]; onFailure?: 'rollback' | 'pause'; runId?: string; admits?: () => boolean } = {},
): Promise<Ended> => {
  const refuse = async (): Promise<never> => Promise.reject(new Error('the toy has no cluster and no controller'));
  const world: World = {
    node: toyChannel(toy, clock),
    cluster: { call: refuse },
    control: { run: refuse },
    journal,
    memory: { recall: async () => Promise.resolve({ addresses: [], identity: null }), remember: async () => Promise.resolve() },
    clock,
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    nonce: randomUUID,
  };
  const assignment = {
    runId: options.runId ?? 'r1',
    node: toyNode,
    plan: layOut(options.plan ?? toyPlan()),
    onFailure: options.onFailure ?? 'pause',
    fence,
    by: 'w1',
    signal: new AbortController().signal,
    admits: options.admits ?? (() => true),
    holdMs: 2000,
  } as const;
  return execute(assignment, world);
};

/** Holds again and again, as a queue would, until the node ends or only a person can wake it; bounded. */
export const toEnd = async (
  toy: Toy,
  clock: Clock & { at: number },
  journal: Journal,
  firstFence: number,
  options: Parameters<typeof hold>[4] = {},
): Promise<Ended> => {
  for (let turn = 0; turn < 2000; turn += 1) {
    const ended = await hold(toy, clock, journal, firstFence + turn, options);
    if (ended.kind !== 'waiting' || ended.wakeInMs === null) return ended;
    clock.at += ended.wakeInMs;
  }
  throw new Error('the node did not come to an end in 2000 holds');
};
