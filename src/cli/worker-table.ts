import { showMs } from '../core/duration.ts';
import type { Holding, WorkerInfo } from '../queue/workers-alive.ts';
import { printable, table } from '../words/text.ts';

const held = ({ name, since }: Holding, now: number): string => `${name.replace('/', ' ')} (${showMs(now - since)})`;

/** The workers as lines of a table, with a heading; below it what they have not the means for. */
export const workerTable = (workers: readonly WorkerInfo[], now: number): readonly string[] => [
  ...table([
    ['WORKER', 'UP', 'AT ONCE', 'HOLDS'],
    ...workers.map(({ id, startedAt, concurrency, holds }) => [
      id,
      showMs(now - startedAt),
      String(concurrency),
      holds.length === 0 ? '-' : holds.map((one) => held(one, now)).join(', '),
    ]),
  ]),
  ...workers.flatMap(({ id, lacks }) => lacks.map(({ run, why }) => `! ${id} cannot work on run ${run}: ${printable(why)}`)),
];
