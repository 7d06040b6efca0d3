import type { Told } from '../model.ts';

/** Where a player stands: epoch ms of the history, how many times faster than it was, and whether it stands still. */
export type Played = { readonly at: number; readonly speed: number; readonly paused: boolean };

/** Orders the events of all streams by time; those of one stream keep their order. */
export const inTime = (told: readonly Told[]): readonly Told[] => told.toSorted((a, b) => a.event.at - b.event.at);

/** The events behind `from` up to `to`, of events in the order of time. */
export const between = (history: readonly Told[], from: number, to: number): readonly Told[] => {
  const first = firstBehind(history, from);
  return history.slice(first, firstBehind(history, to));
};

/** Where the first event later than `at` is. */
const firstBehind = (history: readonly Told[], at: number): number => {
  let [low, high] = [0, history.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((history[middle]?.event.at ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** A player after `ms` of the wall clock; it stops at the end. */
export const played = (player: Played, ms: number, end: number): Played =>
  player.paused ? player : { ...player, at: Math.min(end, player.at + ms * player.speed) };
