import type { Clock } from '../../src/core/ports.ts';
import type { Chance } from './chance.ts';
import { type VirtualTime, virtualClock } from '../../src/sim/virtual-time.ts';

/** What a process calls: Redis, a node to look or to change something, the API of the cluster, a program on the controller. */
export type Kind = 'redis' | 'look' | 'command' | 'api' | 'program';
/** What befalls a process at one of its calls of a kind: right before it has an effect, or right after. */
export type Trap = { readonly kind: Kind; readonly call: number; readonly when: 'before' | 'after'; spring(): void };

/** An operating-system process in virtual time: it can be killed, frozen (SIGSTOP) and revived (SIGCONT) between any two things it does. */
export type Process = {
  readonly name: string;
  readonly clock: Clock;
  state(): 'alive' | 'frozen' | 'dead';
  kill(): void;
  freeze(): void;
  thaw(): void;
  /** For how many milliseconds of this time it was frozen. */
  frozenMs(from: number, to: number): number;
  /** Has something happen in the process: at once, after it was revived, or never. */
  inside(run: () => void): void;
  /** Has something happen outside that the process asks for, a moment later. */
  send(kind: Kind, effect: () => void): void;
  /** Has the process hear of what came of it. */
  hear(kind: Kind, run: () => void): void;
  /** Lets something be done outside, and hears of it. */
  call<T>(kind: Kind, effect: () => Promise<T>): Promise<T>;
  /** Sleeps until the time is over, or until it is woken. */
  nap(ms: number): { readonly over: Promise<void>; wake(): void };
  /** Calls of a kind that it has made. */
  calls(kind: Kind): number;
  trap(trap: Trap): void;
};

/** Starts a process. @param latencyMs how long a request travels, at most */
export const startProcess = (name: string, time: VirtualTime, chance: Chance, latencyMs: number): Process => {
  let state: 'alive' | 'frozen' | 'dead' = 'alive';
  const calls: Record<Kind, number> = { redis: 0, look: 0, command: 0, api: 0, program: 0 };
  const traps: Trap[] = [];
  const backlog: (() => void)[] = [];
  const freezes: { readonly from: number; to: number }[] = [];
  const inside = (run: () => void): void => {
    if (state === 'alive') run();
    else if (state === 'frozen') backlog.push(run);
  };
  const spring = (kind: Kind, when: Trap['when']): void => {
    for (const trap of traps) if (trap.kind === kind && trap.call === calls[kind] && trap.when === when) trap.spring();
  };
  const send = (kind: Kind, effect: () => void): void => {
    time.at(time.now() + chance.ms(0.1, latencyMs), () =>
      inside(() => {
        calls[kind] += 1;
        if (traps.length > 0) spring(kind, 'before');
        inside(effect);
      }),
    );
  };
  const hear = (kind: Kind, run: () => void): void => {
    if (traps.length > 0) spring(kind, 'after');
    inside(run);
  };
  return {
    name,
    state: () => state,
    kill: () => {
      state = 'dead';
      backlog.length = 0;
    },
    freeze: () => {
      if (state !== 'alive') return;
      state = 'frozen';
      freezes.push({ from: time.now(), to: Number.POSITIVE_INFINITY });
    },
    frozenMs: (from, to) => freezes.reduce((sum, freeze) => sum + Math.max(0, Math.min(to, freeze.to) - Math.max(from, freeze.from)), 0),
    thaw: () => {
      if (state !== 'frozen') return;
      state = 'alive';
      const last = freezes.at(-1);
      if (last) last.to = time.now();
      // one after another, as an event loop would: the first may end the process
      const pass = (): void => {
        const next = backlog.shift();
        if (!next || state !== 'alive') return;
        next();
        time.at(time.now(), () => inside(pass));
      };
      pass();
    },
    clock: { ...virtualClock(time, inside), now: () => Math.floor(time.now()) },
    inside,
    send,
    hear,
    call: (kind, effect) =>
      new Promise((resolve, reject) => {
        send(kind, () => {
          effect().then(
            (value) => hear(kind, () => resolve(value)),
            (error: unknown) => hear(kind, () => reject(error)),
          );
        });
      }),
    nap: (ms) => {
      let wake = (): void => undefined;
      const over = new Promise<void>((resolve) => {
        const cancel = time.at(time.now() + ms, () => inside(resolve));
        wake = () => {
          cancel();
          inside(resolve);
        };
      });
      return { over, wake };
    },
    calls: (kind) => calls[kind],
    trap: (trap) => traps.push(trap),
  };
};
