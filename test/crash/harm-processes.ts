import { type Battlefield, type Harm, atSomeCall, restart, someNode, someWorker } from './field.ts';
import type { Process } from './process.ts';

export const kill: Harm = {
  name: 'a worker is killed',
  do: (chance, field) => {
    const found = someWorker(chance, field);
    if (!found) return undefined;
    const [index, { process }] = found;
    const afterMs = chance.ms(200, 9000);
    atSomeCall(chance, field, process, () => {
      field.book.tell?.(`${process.name} is killed`);
      process.kill();
      field.replace(index, afterMs);
    });
    return undefined;
  },
};

const freezeFor = ({ book, time }: Battlefield, process: Process, forMs: number, how: string): void => {
  book.tell?.(`${process.name} is frozen for ${Math.round(forMs)} ms${how}`);
  process.freeze();
  time.at(time.now() + forMs, () => {
    book.tell?.(`${process.name} is revived`);
    process.thaw();
  });
};

export const freeze: Harm = {
  name: 'a worker is frozen',
  do: (chance, field) => {
    const found = someWorker(chance, field);
    if (!found) return undefined;
    const [, { process }] = found;
    const forMs = chance.pick([chance.ms(100, 4000), chance.ms(4000, 12_000), chance.ms(8000, 30_000)]);
    atSomeCall(chance, field, process, () => freezeFor(field, process, forMs, ''));
    return () => process.thaw();
  },
};

export const frozenAtCommand: Harm = {
  name: 'a worker is frozen right before a command leaves it, until others have taken over',
  do: (chance, field) => {
    const found = someWorker(chance, field);
    if (!found) return undefined;
    const [, { process }] = found;
    const forMs = chance.ms(9000, 25_000);
    const [alsoReboots, name] = [chance.maybe(0.5), someNode(chance, field)];
    const spring = (): void => {
      if (field.over || process.state() !== 'alive') return;
      freezeFor(field, process, forMs, ', with a command in its hands');
      if (alsoReboots) restart(field, name);
    };
    process.trap({ kind: 'command', call: process.calls('command') + chance.int(1, 3), when: 'before', spring });
    return () => process.thaw();
  },
};

export const terminate: Harm = {
  name: 'a worker is told to stop',
  do: (chance, field) => {
    const found = someWorker(chance, field);
    if (!found) return undefined;
    const [index, worker] = found;
    field.book.tell?.(`${worker.process.name} gets SIGTERM`);
    worker.stop();
    field.replace(index, chance.ms(200, 9000));
    return undefined;
  },
};

export const redisGone: Harm = {
  name: 'Redis is gone for a while',
  do: (chance, field) => {
    const { redis, time, book } = field;
    const forMs = chance.pick([chance.ms(50, 3000), chance.ms(1000, 15_000)]);
    const stop = (): void => {
      book.tell?.('Redis is gone');
      redis.stop();
      time.at(time.now() + forMs, () => {
        book.tell?.('Redis is back');
        redis.start();
      });
    };
    const found = someWorker(chance, field);
    if (found) atSomeCall(chance, field, found[1].process, stop);
    else stop();
    return () => redis.start();
  },
};
