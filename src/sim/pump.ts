import { type World, advance, nextDue } from './world.ts';
import type { Clock } from '../core/ports.ts';

/** Keeps a world in step with a clock. */
export type Pump = {
  /** Does what is due, tells the listener, and sets the next alarm. Call it before and after each look or change. */
  turn(): void;
  stop(): void;
};

/** Starts to drive a world; `changed` is told after every turn. */
export const startPump = (world: World, clock: Clock, changed: () => void): Pump => {
  let alarm: AbortController | undefined;
  let stopped = false;
  const turn = (): void => {
    if (stopped) return;
    advance(world, clock.now());
    changed();
    alarm?.abort();
    const due = nextDue(world, clock.now());
    if (due === null) return;
    const mine = new AbortController();
    alarm = mine;
    void clock.sleep(Math.max(1, due - clock.now()), mine.signal).then(() => {
      if (!mine.signal.aborted) turn();
    });
  };
  return {
    turn,
    stop: () => {
      stopped = true;
      alarm?.abort();
    },
  };
};
