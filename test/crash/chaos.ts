import type { Chance } from './chance.ts';
import type { Battlefield, Harm } from './field.ts';
import { apiDown, apiFault, helmFails, somebodyEdits, somebodyUncordons } from './harm-around.ts';
import { atBoot, network, onDisk, ownReboot, sever } from './harm-nodes.ts';
import { freeze, frozenAtCommand, kill, redisGone, terminate } from './harm-processes.ts';

/** What may go wrong; what stands here more often does so more often. */
const harms: readonly [Harm, ...Harm[]] = [
  kill,
  kill,
  kill,
  freeze,
  freeze,
  frozenAtCommand,
  frozenAtCommand,
  terminate,
  redisGone,
  redisGone,
  apiFault,
  apiFault,
  apiDown,
  sever,
  sever,
  sever,
  network,
  network,
  atBoot,
  atBoot,
  ownReboot,
  ownReboot,
  ownReboot,
  onDisk,
  somebodyUncordons,
  somebodyEdits,
  helmFails,
];

/** Plans what goes wrong, and when; the last of it is over at the time that is returned. */
export const unleash = (chance: Chance, field: Battlefield, withinMs: number): number => {
  const { time, book } = field;
  const start = time.now();
  const count = chance.maybe(0.08) ? 0 : chance.maybe(0.7) ? chance.int(1, 3) : chance.int(3, 7);
  const undo: (() => void)[] = [];
  for (let index = 0; index < count; index += 1) {
    const harm = chance.pick(harms);
    const mine = chance.apart();
    time.at(start + mine.ms(0, withinMs), () => {
      book.tell?.(`fault: ${harm.name}`);
      const back = harm.do(mine, field);
      if (back) undo.push(back);
    });
  }
  const over = start + withinMs + 15_000;
  if (count === 0) {
    field.over = true;
    return start;
  }
  time.at(over, () => {
    book.tell?.('all faults are over');
    field.over = true;
    for (const back of undo) back();
  });
  return over;
};
