import type { Program, Running } from './program.ts';

/** sleep(1), in seconds of the clock that drives the simulation. */
export const sleep: Program = function* (call): Running {
  yield Number(call.args[0] ?? 0) * 1000;
  return 0;
};
