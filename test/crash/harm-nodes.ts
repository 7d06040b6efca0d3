import { goDown } from '../../src/sim/node/power.ts';
import { moveVm } from '../../src/sim/world.ts';
import { type Harm, isKnown, restart, someNode } from './field.ts';
import { MODULE } from './runbook.ts';

export const sever: Harm = {
  name: 'a command is cut off',
  do: (chance, field) => {
    const machine = field.fleet.machine(someNode(chance, field));
    const command = machine.commands.length + chance.int(1, 5);
    machine.faults.sever = { command, when: chance.pick(['before', 'after']) };
    return () => void delete machine.faults.sever;
  },
};

export const network: Harm = {
  name: 'the network of a node is cut for a while',
  do: (chance, field) => {
    const { fleet, time } = field;
    const name = someNode(chance, field);
    const was = fleet.world.placement.get(name) ?? null;
    if (was === 'dark') return undefined;
    const move = (to: string | null): void => {
      moveVm(fleet.world, name, to);
      fleet.turn(name);
    };
    move('dark');
    const mend = (): void => {
      if (fleet.world.placement.get(name) === 'dark') move(was);
    };
    time.at(time.now() + chance.ms(300, 12_000), mend);
    return mend;
  },
};

export const atBoot: Harm = {
  name: 'the next boot goes wrong',
  do: (chance, field) => {
    const { fleet, time, book } = field;
    const name = someNode(chance, field);
    const machine = fleet.machine(name);
    switch (chance.int(0, 4)) {
      case 0:
        machine.faults.neverBoots = true;
        break;
      case 1:
        machine.faults.bootsAtOldAddress = true;
        break;
      case 2:
        machine.faults.strangerAfterBoot = isKnown(field, name) ? chance.pick(['host-key', 'machine-id', 'product-uuid']) : 'host-key';
        break;
      default:
        machine.faults.modulesNotLoadedAtBoot = [MODULE];
    }
    book.tell?.(`${name} has the faults ${JSON.stringify(machine.faults)}`);
    const mend = (): void => {
      delete machine.faults.neverBoots;
      delete machine.faults.bootsAtOldAddress;
      delete machine.faults.strangerAfterBoot;
      delete machine.faults.modulesNotLoadedAtBoot;
      fleet.world.strangers.delete(name);
      if (machine.power.state === 'off') restart(field, name);
      else fleet.turn(name);
      book.tell?.(`${name} is mended`);
    };
    time.at(time.now() + chance.pick([chance.ms(4000, 30_000), chance.ms(30_000, 60_000)]), mend);
    return mend;
  },
};

export const ownReboot: Harm = {
  name: 'a node reboots without drover',
  do: (chance, field) => {
    const { fleet, time } = field;
    const name = someNode(chance, field);
    const machine = fleet.machine(name);
    if (chance.maybe(0.5)) restart(field, name);
    else {
      field.book.tell?.(`somebody reboots ${name}`);
      field.book.restarts.push({ node: name, at: time.now() });
      goDown(machine, 'boot', time.now());
      fleet.turn(name);
    }
    return undefined;
  },
};

export const onDisk: Harm = {
  name: 'a node is slow, full, or locked',
  do: (chance, field) => {
    const { fleet, time } = field;
    const name = someNode(chance, field);
    const { faults, files } = fleet.machine(name);
    const until = time.now() + chance.ms(500, 12_000);
    switch (chance.int(0, 3)) {
      case 0:
        faults.slowMs = chance.int(5, 800);
        break;
      case 1:
        faults.diskFull = true;
        files.full = true;
        break;
      case 2:
        faults.packageLockUntil = until;
        break;
      default:
        faults.wrapperLockUntil = until;
    }
    const mend = (): void => {
      delete faults.slowMs;
      delete faults.diskFull;
      files.full = false;
      fleet.turn(name);
    };
    time.at(until, mend);
    return mend;
  },
};
