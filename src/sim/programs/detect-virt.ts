import { isContainer } from '../node/container.ts';
import { type Program, options } from './program.ts';

/** systemd-detect-virt(1) with -v/--vm, -c/--container and -q; exit code 1 for `none`. */
export const detectVirt: Program = (call) => {
  const { flags } = options(call.args);
  const { virtualization } = call.machine;
  const container = isContainer(virtualization);
  const wanted = flags.has('--vm') || flags.has('-v') ? !container : flags.has('--container') || flags.has('-c') ? container : true;
  const answer = wanted ? virtualization : 'none';
  if (!flags.has('-q') && !flags.has('--quiet')) call.out(`${answer}\n`);
  return answer === 'none' ? 1 : 0;
};
