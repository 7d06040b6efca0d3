import { behindLibrary } from '../../channels/ssh/node-library.ts';
import { DROVER_HOME } from '../node/snapshots.ts';
import { type Program, unknown } from './program.ts';

/**
 * `sh -s` and `sh -c TEXT`.
 *
 * A script that begins with drover's node library is known by that text: the library itself is not run, the simulator has its functions as
 * programs, and the calls behind it are.
 */
export const sh: Program = (call) => {
  const [flag = '-s', text = ''] = call.args;
  if (flag === '-c') return call.run(text);
  if (flag !== '-s') return unknown(call, 'sh');
  const script = call.stdin();
  const calls = behindLibrary(script);
  if (calls === undefined) return call.run(script);
  const variables = new Map([...call.variables, ['DROVER_HOME', DROVER_HOME], ['DROVER_RUN_DIR', ''], ['drover_ran', '1']]);
  return call.run(calls, { stdin: '', variables });
};
