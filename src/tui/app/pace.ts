/** At most ten frames a second. */
const SHORTEST_MS = 100;
/** What was told meanwhile is shown after a second at the latest. */
const LONGEST_MS = 1000;
/** A frame that took 1 ms of the processor is followed by 24 ms without one, so that drawing takes a twenty-fifth of a core at most. */
const REST = 24;

/** When frames are drawn: what happens between two of them is in the next one. */
export type Pace = {
  /** Something was told: a frame as soon as the processor has rested. */
  told(): void;
  /** Somebody pressed a key: a frame as soon as may be. */
  pressed(): void;
  /** How long it rests between two frames now: what comes meanwhile may be gathered. */
  rests(): number;
  stop(): void;
};

/** Draws what changed, seldom enough. @param draw draws a frame now */
export const pace = (draw: () => void): Pace => {
  let drawnAt = -LONGEST_MS;
  let restMs = SHORTEST_MS;
  let due: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const drawNow = (): void => {
    due = undefined;
    drawnAt = performance.now();
    const before = process.cpuUsage();
    draw();
    const { user, system } = process.cpuUsage(before);
    restMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, ((user + system) / 1000) * REST));
  };
  const within = (ms: number): void => {
    const at = drawnAt + ms;
    if (due !== undefined && due <= at) return;
    clearTimeout(timer);
    due = at;
    timer = setTimeout(drawNow, Math.max(0, at - performance.now()));
  };
  return {
    told: () => within(restMs),
    pressed: () => within(SHORTEST_MS),
    rests: () => restMs,
    stop: () => clearTimeout(timer),
  };
};
