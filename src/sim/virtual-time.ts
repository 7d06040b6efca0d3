import type { Clock } from '../core/ports.ts';

type Timer = { readonly at: number; readonly order: number; run: (() => void) | null };

/** Virtual time: nothing passes by itself; the next thing that is due runs when everything else has come to rest. */
export type VirtualTime = {
  now(): number;
  /** Calls back at a time; returns what takes it back. */
  at(time: number, run: () => void): () => void;
  /** Lets time pass until nothing is due any more, `until` says so, or `untilMs` is reached. @throws when there is no end to what happens */
  run(untilMs: number, until: () => boolean): Promise<void>;
  readonly events: () => number;
};

const settled = Promise.resolve();

/** More than ever happens in a world that comes to rest. */
const MOST = 100_000;

/** Time that begins at `start`, epoch milliseconds. @param most how many things may happen before there seems to be no end to it */
export const virtualTime = (start: number, most = MOST): VirtualTime => {
  let now = start;
  let order = 0;
  let events = 0;
  const heap: Timer[] = [];
  const less = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
  const push = (timer: Timer): void => {
    let i = heap.length;
    heap.push(timer);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const up = heap[parent];
      if (!up || !less(timer, up)) break;
      heap[i] = up;
      i = parent;
    }
    heap[i] = timer;
  };
  const pop = (): Timer | undefined => {
    const top = heap[0];
    const last = heap.pop();
    if (!top || !last || heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      const left = heap[child];
      if (!left) break;
      const right = heap[child + 1];
      let best = left;
      if (right && less(right, left)) {
        best = right;
        child += 1;
      }
      if (!less(best, last)) break;
      heap[i] = best;
      i = child;
    }
    heap[i] = last;
    return top;
  };
  return {
    now: () => now,
    at: (time, run) => {
      const timer: Timer = { at: Math.max(now, time), order: (order += 1), run };
      push(timer);
      return () => {
        timer.run = null;
      };
    },
    run: (untilMs, until) =>
      new Promise((resolve, reject) => {
        // a tick that a promise job asks for runs when there are no more of those: the world is at rest then
        const tick = (): void => process.nextTick(step);
        const rest = (): void => void settled.then(tick);
        const step = (): void => {
          try {
            for (;;) {
              if (until()) return resolve();
              const timer = pop();
              if (!timer || timer.at > untilMs) return resolve();
              const { run } = timer;
              if (!run) continue;
              now = timer.at;
              events += 1;
              if (events > most) return reject(new Error(`${most} things have happened, and there is no end to it`));
              run();
              break;
            }
          } catch (error) {
            return reject(error);
          }
          rest();
        };
        rest();
      }),
    events: () => events,
  };
};

/** A clock of virtual time. @param inside has something happen where the clock is: in a process that may be frozen or dead by then */
export const virtualClock = (time: VirtualTime, inside: (run: () => void) => void = (run) => run()): Clock => ({
  now: time.now,
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const end = (): void => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = time.at(time.now() + ms, () => inside(end));
      signal.addEventListener('abort', end, { once: true });
    }),
});
