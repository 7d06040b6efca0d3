import { type Program, options } from './program.ts';

/** df(1) with -P and -k: one file system; nothing is left on it while the fault `diskFull` stands. */
export const df: Program = (call) => {
  const { rest } = options(call.args);
  const total = 20_961_280;
  const available = call.machine.faults.diskFull === true ? 0 : total / 2;
  call.out('Filesystem     1024-blocks     Used Available Capacity Mounted on\n');
  for (const _path of rest)
    call.out(`/dev/sda1         ${total} ${total - available}  ${available}      ${available === 0 ? '100' : '50'}% /\n`);
  return 0;
};
