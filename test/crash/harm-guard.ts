import { durationMs } from '../../src/core/duration.ts';
import type { NodeEvent } from '../../src/core/event.ts';
import { placeStranger } from '../../src/sim/world.ts';
import type { Chance } from './chance.ts';
import { type Battlefield, type Harm, isKnown, restart, someNode } from './field.ts';
import { addressesOf } from './runbook.ts';

/** How long a guard waits after a boot; 0 where there is none. */
export const waitMs = ({ scenario: { recipe } }: Battlefield): number => (recipe.deadman === null ? 0 : durationMs(recipe.deadman));

/** What an address move comes by. */
const stations: readonly [(event: NodeEvent) => boolean, ...((event: NodeEvent) => boolean)[]] = [
  ({ type }) => type === 'guard.armed',
  (event) => event.type === 'step.started' && event.step.includes('address:'),
  (event) => event.type === 'step.started' && event.step.endsWith('reboot'),
  (event) => event.type === 'step.verified' && event.step.endsWith('reboot'),
  ({ type }) => type === 'guard.confirmed',
  ({ type }) => type === 'guard.reverted',
];

/** Has something happen at once, or soon after a node's move comes by one of its stations. */
const atSomeStation = (chance: Chance, field: Battlefield, name: string, spring: () => void): void => {
  if (chance.maybe(0.3)) return spring();
  const comesBy = chance.pick(stations);
  let waits = true;
  field.book.readers.push(({ stream, event }) => {
    if (!waits || stream !== name || !comesBy(event)) return;
    waits = false;
    field.time.at(field.time.now() + chance.pick([chance.ms(0, 300), chance.ms(0, 4000)]), () => {
      if (!field.over) spring();
    });
  });
};

export const everybodyAway: Harm = {
  name: 'all workers and Redis are dead, maybe for longer than the guard waits',
  do: (chance, field) => {
    const { redis, time, book, workers } = field;
    const forMs = waitMs(field) * chance.pick([chance.ms(0.3, 1.5), chance.ms(1, 3.5)]);
    atSomeStation(chance, field, someNode(chance, field), () => {
      book.tell?.(`everybody is dead for ${Math.round(forMs)} ms`);
      redis.stop();
      workers.forEach((worker, index) => {
        worker?.process.kill();
        field.replace(index, forMs + chance.ms(0, 3000));
      });
      time.at(time.now() + forMs, () => {
        book.tell?.('Redis is back');
        redis.start();
      });
    });
    return () => redis.start();
  },
};

export const stranger: Harm = {
  name: 'another machine has the old or the new address',
  do: (chance, field) => {
    const { fleet, time, book, scenario } = field;
    const name = someNode(chance, field);
    if (!isKnown(field, name)) return undefined;
    const address = addressesOf(scenario.recipe, name)[chance.pick(['old', 'new', 'new'] as const)];
    book.tell?.(`another machine has ${address}`);
    placeStranger(fleet.world, fleet.machine(name), address, chance.pick(['host-key', 'machine-id']), time.now());
    fleet.turn(name);
    const away = (): void => {
      fleet.world.strangers.delete(name);
      fleet.turn(name);
    };
    time.at(time.now() + chance.ms(1000, 3 * waitMs(field)), away);
    return away;
  },
};

export const powerCut: Harm = {
  name: 'the power goes while a guard is armed, changes places or is confirmed, in a boot, or behind one of these',
  do: (chance, field) => {
    const { fleet, scenario } = field;
    const name = someNode(chance, field);
    if (chance.maybe(0.4)) {
      atSomeStation(chance, field, name, () => restart(field, name));
      return undefined;
    }
    const during = chance.pick(['arm', 'switch', 'switch', 'end', 'boot'] as const);
    // the connection, which has six others beside it on EL8, and the file of the modules; each is copied, and at a switch put back as well
    const files = (scenario.distro === 'el8' ? 7 : 1) + (scenario.recipe.modules ? 1 : 0);
    const cut = { during, writes: chance.int(0, { arm: files + 5, switch: 2 * files + 1, end: 1, boot: 0 }[during]) };
    field.book.tell?.(`the power of ${name} will go: ${JSON.stringify(cut)}`);
    fleet.machine(name).faults.powerCut = cut;
    fleet.turn(name);
    return () => void (cut.writes = Number.POSITIVE_INFINITY);
  },
};
