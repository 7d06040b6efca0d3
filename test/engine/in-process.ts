import type { Clock } from '../../src/core/ports.ts';
import type { InProcess } from '../../src/sim/in-process-exec.ts';
import { startPump } from '../../src/sim/pump.ts';
import { virtualClock, virtualTime } from '../../src/sim/virtual-time.ts';
import type { World } from '../../src/sim/world.ts';
import { START } from '../sim/box.ts';

/** Virtual time, and what is done in it. */
export type InTime = {
  readonly clock: Clock;
  /** Has something happen after so many seconds. */
  after(seconds: number, what: () => unknown): void;
  /** Lets time pass. */
  pass(seconds: number): Promise<void>;
  /** Has something done while time passes; told to stop when it is not done within so many seconds. */
  within<T>(seconds: number, what: (signal: AbortSignal) => Promise<T>): Promise<T>;
};

/** How long what is told to stop may take. */
const STOP_MS = 60_000;

/** Begins a time of its own. */
export const inTime = (): InTime => {
  const time = virtualTime(START);
  const after = (seconds: number, what: () => unknown): void => void time.at(time.now() + seconds * 1000, what);
  return {
    clock: virtualClock(time),
    after,
    pass: async (seconds) => {
      let over = false;
      after(seconds, () => (over = true));
      await time.run(Number.POSITIVE_INFINITY, () => over);
    },
    within: async (seconds, what) => {
      const stop = new AbortController();
      let over = false;
      const doing = what(stop.signal).finally(() => (over = true));
      // whoever is still at work when the time is over has failed later than anybody waits
      doing.catch(() => undefined);
      await time.run(time.now() + seconds * 1000, () => over);
      stop.abort('the test goes on');
      await time.run(time.now() + STOP_MS, () => over);
      if (!over) throw new Error('it goes on and on, although it was told to stop');
      return doing;
    },
  };
};

/** Drives a world that was made at `START`. @param turned called whenever something may have happened in it */
export const inProcess = (world: World, turned?: () => void): InTime & { readonly sim: InProcess } => {
  const time = inTime();
  const { turn } = startPump(world, time.clock, turned);
  turn();
  return { ...time, sim: { world, clock: time.clock, silentMs: 3000, turn } };
};
