import { normalise } from '../node/files.ts';
import { look } from '../node/view.ts';
import { type Program, options } from './program.ts';

/** df(1) with -P and -k: one file system; nothing is left on it while the fault `diskFull` stands. */
export const df: Program = (call) => {
  const { rest } = options(call.args);
  const total = 20_961_280;
  const available = call.machine.faults.diskFull === true ? 0 : total / 2;
  const used = available === 0 ? '100' : '50';
  let status = 0;
  call.out('Filesystem     1024-blocks     Used Available Capacity Mounted on\n');
  for (const path of rest) {
    if (look(call.machine, normalise(path), call.now()).entry) {
      call.out(`/dev/sda1         ${total} ${total - available}  ${available}      ${used}% /\n`);
    } else {
      call.err(`df: ${path}: No such file or directory\n`);
      status = 1;
    }
  }
  return status;
};
