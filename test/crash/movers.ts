import { moveVm } from '../../src/sim/world.ts';
import type { Chance } from './chance.ts';
import { type Battlefield, restart } from './field.ts';
import { waitMs } from './harm-guard.ts';

/** How somebody does the move that they are asked for. */
export type Manner = 'as asked' | 'without moving it' | 'without restarting it' | 'to the wrong network first' | 'restarting it first';

/** Mostly as asked; one who is asked again takes more care. */
export const mannerOf = (chance: Chance, again: boolean): Manner =>
  chance.maybe(again ? 0.8 : 0.45)
    ? 'as asked'
    : chance.pick<Manner>([
        'without moving it',
        'without restarting it',
        'without restarting it',
        'to the wrong network first',
        'restarting it first',
      ]);

/** Where an instruction wants the VM to be. */
export const wanted = (instructions: string): 'ci' | 'services' => (instructions.includes('back') ? 'ci' : 'services');

/** Does something in the simulated vCenter after a while; as long as the network of the VM is cut, that has to wait. */
const inVcenter = (field: Battlefield, name: string, afterMs: number, what: () => void): void => {
  const { time, fleet } = field;
  const go = (): void => {
    if (field.closed) return;
    if (fleet.world.placement.get(name) === 'dark') time.at(time.now() + 1000, go);
    else what();
  };
  if (afterMs > 0) time.at(time.now() + afterMs, go);
  else go();
};

/** Puts a VM on a network. */
export const putOn = ({ fleet, book }: Battlefield, name: string, network: string): void => {
  if (fleet.world.placement.get(name) === network) return;
  book.tell?.(`a person moves ${name} to ${network}`);
  moveVm(fleet.world, name, network);
  fleet.turn(name);
};

/** Does what a runbook asks a person for, in some manner. */
export const moveAndRestart = (chance: Chance, field: Battlefield, name: string, instructions: string, manner: Manner): void => {
  const to = wanted(instructions);
  const moves = field.scenario.recipe.address;
  const put = (network: string) => (): void => (moves ? putOn(field, name, network) : undefined);
  const reset = (): void => restart(field, name);
  field.book.tell?.(`a person does: ${instructions} (${name}), ${manner}`);
  const later = (afterMs: number, ...what: (() => void)[]): void => inVcenter(field, name, afterMs, () => what.forEach((one) => one()));
  switch (manner) {
    case 'as asked':
      if (chance.maybe(0.5)) return later(0, put(to), reset);
      later(0, put(to));
      return later(chance.ms(0, 3000), put(to), reset);
    case 'without moving it':
      return later(0, reset);
    case 'without restarting it':
      return later(0, put(to));
    case 'to the wrong network first':
      later(0, put('elsewhere'), reset);
      return later(chance.ms(1000, 3000 + 3 * waitMs(field)), put(to), ...(chance.maybe(0.3) ? [reset] : []));
    case 'restarting it first':
      later(0, reset);
      return later(chance.ms(200, 1000 + 1.5 * waitMs(field)), put(to));
  }
};

/** Sees to it that what was asked for is done, and does nothing twice: where the VM is, and whether it has restarted since, can be seen. */
export const seeToIt = (field: Battlefield, name: string, instructions: string, askedAt: number): void => {
  const { fleet, scenario } = field;
  inVcenter(field, name, 0, () => {
    const machine = fleet.machine(name);
    if (scenario.recipe.address) putOn(field, name, wanted(instructions));
    if (machine.bootedAt <= askedAt && machine.power.state === 'on') restart(field, name);
  });
};
