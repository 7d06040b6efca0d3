import { createHash, randomUUID } from 'node:crypto';
import type { NodeEvent } from '../../src/core/event.ts';
import type { Clock } from '../../src/core/ports.ts';
import { execute } from '../../src/engine/execute.ts';
import type { Assignment, Ended, World } from '../../src/engine/world.ts';

const none = (): Promise<never> => Promise.reject(new Error('there is nothing of that kind in this test'));

/** What drover works with, where a test gives some of it and there is nothing else; it remembers nothing of nodes. */
export const meansOf = (given: Partial<World> & Pick<World, 'clock' | 'journal'>): World => ({
  node: null,
  cluster: { call: none },
  control: { run: none },
  memory: { recall: () => Promise.resolve({ addresses: [], identity: null }), remember: () => Promise.resolve() },
  sha256: (text) => createHash('sha256').update(text).digest('hex'),
  nonce: randomUUID,
  ...given,
});

type Given = Partial<Assignment> & Pick<Assignment, 'fence' | 'node' | 'plan' | 'signal'>;

/** One hold of a node that is let in, by a worker. */
export const holdNode = (given: Given, means: World): Promise<Ended> =>
  execute({ runId: 'r1', onFailure: 'pause', by: 'w', admits: () => true, holdMs: 2000, ...given }, means);

/** Holds a node again and again, as a queue does, until it has ended or only a word goes on; undefined when this is stopped before. */
export const holdToEnd = async (hold: () => Promise<Ended>, clock: Clock, signal: AbortSignal): Promise<Ended | undefined> => {
  while (!signal.aborted) {
    const ended = await hold();
    if (signal.aborted) break;
    if (ended.kind !== 'waiting' || ended.wakeInMs === null) return ended;
    await clock.sleep(ended.wakeInMs, signal);
  }
  return undefined;
};

/** What a worker dies of. */
export class Death extends Error {}

/** A hold in which the worker may die; another one comes then. */
export const survived = (hold: Promise<Ended>): Promise<Ended> =>
  hold.catch((error: unknown): Ended => {
    if (error instanceof Death) return { kind: 'waiting', waitsFor: 'the next worker', wakeInMs: 500 };
    throw error;
  });

/** What a journal tells, `TYPE STEP`. */
export const toldBy = (events: readonly NodeEvent[]): readonly string[] =>
  events.map((event) => ('step' in event ? `${event.type} ${event.step}` : event.type));
