import { deadmanTimes } from '../../src/core/deadman.ts';
import { findGuard, readMove } from '../../src/sim/node/deadman-files.ts';
import type { Machine } from '../../src/sim/node/machine.ts';
import { liveAddresses } from '../../src/sim/node/network.ts';
import { reachableAddresses } from '../../src/sim/world.ts';
import type { Chance } from './chance.ts';
import { type Battlefield, restart } from './field.ts';
import { waitMs } from './harm-guard.ts';
import { putOn } from './movers.ts';
import { addressesOf } from './runbook.ts';
import { diskOf, guardOf } from './truth.ts';

/** The network that an address belongs to; none where it is mistyped. */
const networkOf = (address: string): readonly string[] =>
  address.startsWith('10.1.') ? ['ci'] : address.startsWith('10.2.') ? ['services'] : [];

/** The two addresses between which a guard decides once its move has begun: something of what it guards stands on the disk; undefined before that. */
const atStake = (machine: Machine): readonly string[] | undefined => {
  const guard = findGuard(machine);
  if (!guard) return undefined;
  const { oldAddress, newAddress } = readMove(machine, guard.dir);
  const begun = guardOf(machine) !== 'before' || diskOf(machine).profile.split('/')[0] !== oldAddress.split('/')[0];
  return begun ? [oldAddress, newAddress] : undefined;
};

/** The networks on which a node has to answer without anybody's help: where its files say and, where its guard decides, at both places. */
const rightFor = (machine: Machine): readonly string[] => {
  const onDisk = diskOf(machine).profile.split('/')[0] ?? '';
  return [...new Set([...(atStake(machine) ?? []), onDisk].flatMap(networkOf))];
};

/** How long a guard takes at most from when the network is right until the node is there: it waits, stays, tries the other place, and boots. */
const boundMs = (field: Battlefield, machine: Machine): number => {
  const { wait, moved, stay, turn } = deadmanTimes(waitMs(field));
  return (wait + moved + stay + 3 * turn + 30) * 1000 + 2 * (machine.timings.stopMs + machine.timings.bootMs);
};

/**
 * What comes of the nodes without drover: when the run is over nobody works any more, every node is put on a network that it can answer on,
 * and has to answer there, at one of its two addresses, by itself and in time.
 */
export const afterwards = async (chance: Chance, field: Battlefield): Promise<string[]> => {
  const { scenario, fleet, time, book } = field;
  const { recipe } = scenario;
  const lost = new Map<string, string>();
  for (const { name } of scenario.nodes) {
    const machine = fleet.machine(name);
    if (machine.power.state === 'off') restart(field, name);
    if (recipe.byPerson) {
      const [first, ...others] = rightFor(machine);
      if (first === undefined) return [`${name} is lost: nobody can reach it at ${diskOf(machine).profile}, and no guard takes it back`];
      putOn(field, name, chance.pick([first, ...others]));
    }
    // without a guard that has something to bring up, nothing but a boot brings up what stands on the disk
    const live = liveAddresses(machine.network)[0] ?? '';
    const unlike = !atStake(machine) && !diskOf(machine).profile.startsWith(`${live}/`);
    if (chance.maybe(0.2) || unlike) restart(field, name);
    lost.set(name, `${fleet.world.placement.get(name) ?? 'all networks'}`);
  }
  const answers = (name: string): boolean => {
    const { old, new: moved } = addressesOf(recipe, name);
    return reachableAddresses(fleet.world, fleet.machine(name)).some((address) => address === old || address === moved);
  };
  const settled = (): boolean => {
    for (const name of lost.keys()) if (answers(name)) lost.delete(name);
    return lost.size === 0;
  };
  const bound = Math.max(...scenario.nodes.map(({ name }) => boundMs(field, fleet.machine(name))));
  await time.run(time.now() + bound, settled).catch((error: unknown) => book.wrong.push(String(error)));
  return [...lost].map(([name, where]) => {
    const machine = fleet.machine(name);
    return `${name} is lost: ${Math.round(bound / 1000)} s on ${where}, and it has ${liveAddresses(machine.network).join(', ') || 'no address'}`;
  });
};
