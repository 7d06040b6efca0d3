import { seededIds } from '../../src/sim/random.ts';

/** One thing that goes wrong: when it begins and when it is over, in ms from the start. */
export type Trouble = { readonly at: number; readonly forMs: number } & (
  | { readonly kind: 'kill' | 'stop' | 'freeze'; readonly place: number }
  | { readonly kind: 'redis' }
  | { readonly kind: 'cut'; readonly node: string }
  | { readonly kind: 'sever'; readonly node: string; readonly when: 'before' | 'after' }
);

/**
 * What goes wrong in a run, in the order of time: workers are killed, told to stop or frozen, a new one or the same one comes back; Redis is
 * killed and started; nodes lose their network or their connection in the middle of a command.
 */
export const mayhem = (seed: number, lengthMs: number, places: number, nodes: readonly string[]): readonly Trouble[] => {
  const { fraction: roll } = seededIds(seed);
  const between = (from: number, to: number): number => Math.round(from + roll() * (to - from));
  const one = <T>(of: readonly T[], otherwise: T): T => of[Math.floor(roll() * of.length)] ?? otherwise;
  const troubles: Trouble[] = [];
  const every = (from: number, to: number, make: (at: number) => Trouble): void => {
    for (let at = between(from / 2, to); at < lengthMs; at += between(from, to)) troubles.push(make(at));
  };
  for (let place = 0; place < places; place += 1) {
    // a place has one trouble at a time
    for (let at = between(1000, 9000); at < lengthMs;) {
      const kind = one(['kill', 'kill', 'freeze', 'freeze', 'stop'] as const, 'kill');
      const forMs = kind === 'freeze' ? between(1000, 14_000) : between(200, 3000);
      troubles.push({ at, forMs, kind, place });
      at += forMs + between(4000, 14_000);
    }
  }
  every(9000, 16_000, (at) => ({ at, forMs: between(500, 4000), kind: 'redis' }));
  const node = (): string => one(nodes, '');
  every(300, 1500, (at) => ({ at, forMs: between(300, 5000), kind: 'cut', node: node() }));
  every(500, 2000, (at) => ({ at, forMs: 0, kind: 'sever', node: node(), when: one(['before', 'after'] as const, 'before') }));
  return troubles.sort((a, b) => a.at - b.at);
};
