/** Lets at most so many in at once; the rest waits in order. */
export type Gate = {
  /** Resolves to what gives the place back (once, later calls do nothing). @throws the signal's reason */
  enter(signal: AbortSignal): Promise<() => void>;
};

/** Makes a gate for `limit` at once. */
export const createGate = (limit: number): Gate => {
  let inside = 0;
  const waiting: (() => void)[] = [];
  const leave = (): (() => void) => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      inside -= 1;
      waiting.shift()?.();
    };
  };
  return {
    async enter(signal) {
      signal.throwIfAborted();
      if (inside < limit) {
        inside += 1;
        return leave();
      }
      return await new Promise((resolve, reject) => {
        const admit = (): void => {
          signal.removeEventListener('abort', abort);
          inside += 1;
          resolve(leave());
        };
        const abort = (): void => {
          waiting.splice(waiting.indexOf(admit), 1);
          reject(signal.reason);
        };
        waiting.push(admit);
        signal.addEventListener('abort', abort, { once: true });
      });
    },
  };
};

/**
 * Handshakes at work in this process. They are bound by this process's CPU, so more at once only makes each slower, until all of them run
 * into the server's LoginGraceTime.
 */
export const handshakes = createGate(12);

/** Below MaxSessions of sshd_config(5), 10 by default, where a session that has just been closed still counts for a moment. */
export const SESSIONS = 8;
