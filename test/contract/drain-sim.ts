import { inProcessCluster } from '../../src/sim/in-process-cluster.ts';
import { timingsAt } from '../../src/sim/timings.ts';
import { addNode, advance, createWorld } from '../../src/sim/world.ts';
import { START } from '../sim/box.ts';
import type { DrainGround } from './drain-ground.ts';

/** The simulated cluster in virtual time. */
export const simulatedGround = async (): Promise<DrainGround> => {
  const world = createWorld({ timings: timingsAt(1), networks: [{ name: 'ci', subnets: ['10.77.0.0/24'] }] });
  let now = START;
  for (const [index, name] of ['n1', 'n2'].entries())
    addNode(world, { name, address: `10.77.0.${11 + index}/24`, gateway: '10.77.0.1', network: 'ci' }, now);
  const turn = (): void => void advance(world, now);
  const clock = {
    now: () => now,
    sleep: async (ms: number) => {
      await Promise.resolve();
      now += ms;
      turn();
    },
  };
  return {
    cluster: inProcessCluster({ world, clock, silentMs: 1000, turn }),
    clock,
    collects: true,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
};
