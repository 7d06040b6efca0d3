import { resetVm } from '../../src/sim/world.ts';
import type { Chance } from './chance.ts';
import type { Fleet } from './fleet.ts';
import type { Notebook } from './notebook.ts';
import type { Kind, Process } from './process.ts';
import type { Redis } from './redis.ts';
import type { Scenario } from './scenario.ts';
import type { VirtualTime } from '../../src/sim/virtual-time.ts';
import type { Worker } from './worker.ts';

/** Everything that can be broken. */
export type Battlefield = {
  readonly scenario: Scenario;
  readonly time: VirtualTime;
  readonly fleet: Fleet;
  readonly redis: Redis;
  readonly book: Notebook;
  /** The workers that are there now. */
  readonly workers: (Worker | undefined)[];
  /** Makes sure that another one comes. */
  replace(index: number, afterMs: number): void;
  /** Nothing more goes wrong from now on. */
  over: boolean;
  /** The run has ended, and nobody does anything any more. */
  closed: boolean;
};

/** What goes wrong once. `undo` puts it right; all that was not undone by then is at the end of the faults. */
export type Harm = { readonly name: string; do(chance: Chance, field: Battlefield): (() => void) | undefined };

/** A worker that lives, and which one it is. */
export const someWorker = (chance: Chance, { workers }: Battlefield): readonly [number, Worker] | undefined => {
  const index = chance.int(0, workers.length - 1);
  const worker = workers[index];
  return worker && worker.process.state() !== 'dead' ? [index, worker] : undefined;
};
/** One of the nodes. */
export const someNode = (chance: Chance, { scenario }: Battlefield): string => `n${chance.int(1, scenario.nodes.length)}`;

/** Whether drover has met a node: a clone with its host key is taken for the node by whoever meets that one first. */
export const isKnown = ({ book }: Battlefield, name: string): boolean =>
  book.written.some(({ stream, event }) => stream === name && event.type === 'node.identified');

/** Cuts a node's power and puts it on again. */
export const restart = ({ fleet, time, book }: Battlefield, name: string): void => {
  book.tell?.(`somebody resets ${name}`);
  book.restarts.push({ node: name, at: time.now() });
  resetVm(fleet.world, name, time.now());
  fleet.turn(name);
};

/** How many calls of a kind a process makes in a short run, about. */
const often: Readonly<Record<Kind, number>> = { redis: 120, look: 20, command: 5, api: 12, program: 3 };

/** Does something to a process at one of its next calls, or at once. */
export const atSomeCall = (chance: Chance, field: Battlefield, process: Process, spring: () => void): void => {
  const kind = chance.pick<Kind>(['redis', 'redis', 'look', 'command', 'command', 'api', 'program']);
  if (chance.maybe(0.2)) spring();
  else
    process.trap({
      kind,
      call: process.calls(kind) + chance.int(1, often[kind]),
      when: chance.pick(['before', 'after']),
      spring: () => {
        if (!field.over && process.state() === 'alive') spring();
      },
    });
};
