import { type World, advance, nextDue } from './world.ts';
import type { Clock } from '../core/ports.ts';

/** Keeps a world in step with a clock. */
export type Pump = {
  /** Does what is due, for a machine that something was done to in any case, and sets the next alarm. Call it before each look and after each change. */
  turn(touched?: string): void;
  stop(): void;
};

/** Starts to drive a world. @param turned told after each turn whether somebody answers elsewhere or on another boot */
export const startPump = (world: World, clock: Clock, turned: (moved: boolean) => void = () => undefined): Pump => {
  let alarm: AbortController | undefined;
  let stopped = false;
  const turn = (touched?: string): void => {
    if (stopped) return;
    if (touched !== undefined) world.touched.add(touched);
    turned(advance(world, clock.now()));
    alarm?.abort();
    const due = nextDue(world);
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
