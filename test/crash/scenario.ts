import type { RunSpec } from '../../src/core/event.ts';
import type { Rollout } from '../../src/core/rollout.ts';
import type { Distro } from '../../src/sim/node/machine.ts';
import type { Chance } from './chance.ts';
import { notifyOf } from './judge-notices.ts';
import { type Recipe, addressesOf, recipeOf } from './runbook.ts';

/** How a node stands before the run. */
export type Prior = 'fresh' | 'cordoned-by-person' | 'listed-not-loaded' | 'done';

/** A world as it is before anything goes wrong. */
export type Scenario = {
  readonly seed: number;
  readonly recipe: Recipe;
  readonly distro: Distro;
  readonly nodes: readonly { readonly name: string; readonly prior: Prior; readonly rack: string }[];
  readonly workers: readonly { readonly concurrency: number }[];
  readonly onFailure: RunSpec['onFailure'];
  readonly rollout: Rollout;
  /** How many times faster than real machines its machines are. */
  readonly speed: number;
  /** Somebody starts the same run again once the first has succeeded: nothing must happen. */
  readonly again: boolean;
};

const sizeOf = (chance: Chance): number => {
  if (chance.maybe(0.72)) return 1;
  return chance.maybe(0.65) ? 2 : chance.maybe(0.65) ? 3 : chance.int(4, 6);
};

const rolloutOf = (chance: Chance, nodes: number): Rollout => ({
  canary: chance.maybe(0.4) ? chance.int(1, Math.min(2, nodes)) : 0,
  ...(chance.maybe(0.3) && { soak: chance.pick(['3s', '8s']) }),
  maxUnavailable: chance.pick([1, 1, 2, 3, '50%', '100%']),
  maxFailures: chance.pick([0, 0, 1, 2]),
  ...(chance.maybe(0.2) && { spread: 'rack' }),
});

/** The world of a seed. */
export const scenarioOf = (seed: number, chance: Chance): Scenario => {
  const size = sizeOf(chance);
  const priorOf = (): Prior => (chance.maybe(0.8) ? 'fresh' : chance.pick(['cordoned-by-person', 'listed-not-loaded', 'done']));
  return {
    seed,
    recipe: recipeOf(chance),
    distro: chance.pick(['el8', 'debian12']),
    nodes: Array.from({ length: size }, (_, index) => ({ name: `n${index + 1}`, prior: priorOf(), rack: chance.pick(['a', 'b']) })),
    workers: Array.from({ length: chance.pick([1, 1, 1, 1, 2, 2, 2, 2, 3]) }, () => ({ concurrency: chance.pick([1, 2, 4]) })),
    onFailure: chance.maybe(0.4) ? 'rollback' : 'pause',
    rollout: rolloutOf(chance, size),
    speed: chance.pick([5, 20, 40, 40, 40]),
    again: chance.maybe(0.1),
  };
};

/** The run's frozen specification. */
export const specOf = ({ nodes, onFailure, rollout, recipe, seed }: Scenario): RunSpec => ({
  runbook: 'crash',
  version: 1,
  params: {},
  nodes: nodes.map(({ name, rack }) => ({ name, addresses: [addressesOf(recipe, name).old], labels: { rack }, vars: {} })),
  onFailure,
  rollout,
  cluster: { context: null },
  ssh: { user: null, port: null, jump: null, identityFile: null, knownHosts: null },
  ...notifyOf({ seed }),
});
