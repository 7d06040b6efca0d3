import { sh } from '../../src/core/command.ts';
import { type Fact, reading } from '../../src/core/fact.ts';
import type { Node } from '../../src/core/node.ts';
import type { Clock, Journal } from '../../src/core/ports.ts';
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
import type { Assignment, Ended } from '../../src/engine/world.ts';
import { holdNode, meansOf } from './means.ts';
import { type Toy, toyChannel } from './toy-machine.ts';

export { type Toy, newToy, toyChannel, toyClock } from './toy-machine.ts';

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
export const hold = (
  toy: Toy,
  clock: Clock,
  journal: Journal,
  fence: number,
  { plan, ...options }: Partial<Omit<Assignment, 'plan'>> & { readonly plan?: readonly (Step | Disruption)[] } = {},
): Promise<Ended> =>
  holdNode(
    { node: toyNode, plan: layOut(plan ?? toyPlan()), fence, signal: new AbortController().signal, ...options },
    meansOf({ clock, journal, node: toyChannel(toy, clock) }),
  );

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
