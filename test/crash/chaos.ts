import type { Chance } from './chance.ts';
import type { Battlefield, Harm } from './field.ts';
import { everybodyAway, powerCut, stranger } from './harm-guard.ts';
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

/** What may also go wrong where the address moves under guard. */
const guardHarms: readonly [Harm, ...Harm[]] = [everybodyAway, stranger, powerCut, powerCut, powerCut];

/** When the last of what goes wrong is over; whoever cannot wait for that ends it. */
export type Unleashed = { readonly over: number; end(): void };

/** Plans what goes wrong, and when. */
export const unleash = (chance: Chance, field: Battlefield, withinMs: number): Unleashed => {
  const { time, book } = field;
  const start = time.now();
  const count = chance.maybe(0.08) ? 0 : chance.maybe(0.7) ? chance.int(1, 3) : chance.int(3, 7);
  const undo: (() => void)[] = [];
  for (let index = 0; index < count; index += 1) {
    const harm = chance.pick(field.scenario.recipe.deadman !== null && chance.maybe(0.4) ? guardHarms : harms);
    const mine = chance.apart();
    time.at(start + mine.ms(0, withinMs), () => {
      if (field.over) return;
      book.tell?.(`fault: ${harm.name}`);
      const back = harm.do(mine, field);
      if (back) undo.push(back);
    });
  }
  const over = start + withinMs + 15_000;
  const end = (): void => {
    if (field.over) return;
    book.tell?.('all faults are over');
    field.over = true;
    for (const back of undo) back();
  };
  if (count === 0) {
    field.over = true;
    return { over: start, end };
  }
  time.at(over, end);
  return { over, end };
};
