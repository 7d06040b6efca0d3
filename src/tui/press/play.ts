import type { Key, PlayUi, Pressed, Ui } from '../ui.ts';

const SLOWEST = 1 / 4;
const FASTEST = 512;
const JUMPS = 20;

/** What a key does while history is played; undefined when it is none of those. */
export const pressPlay = (ui: Ui, play: PlayUi, now: number, { name }: Key): Pressed | undefined => {
  const put = (next: Partial<PlayUi>, at = now): Pressed => {
    const all = { ...play, ...next };
    return { ui: { ...ui, play: all }, effects: [{ do: 'play', at, speed: all.speed, paused: all.paused }] };
  };
  const jump = Math.max(1000, Math.round((play.to - play.from) / JUMPS));
  switch (name) {
    case 't':
      return now >= play.to && play.paused ? put({ paused: false }, play.from) : put({ paused: !play.paused });
    case '<':
      return put({ speed: Math.max(SLOWEST, play.speed / 2) });
    case '>':
      return put({ speed: Math.min(FASTEST, play.speed * 2) });
    case ',':
      return put({}, Math.max(play.from, now - jump));
    case '.':
      return put({}, Math.min(play.to, now + jump));
    default:
      return undefined;
  }
};
