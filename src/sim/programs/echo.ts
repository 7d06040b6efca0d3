import type { Program } from './program.ts';

/** echo: its words and a line end. */
export const echo: Program = (call) => {
  const silent = call.args[0] === '-n';
  call.out(`${call.args.slice(silent ? 1 : 0).join(' ')}${silent ? '' : '\n'}`);
  return 0;
};
