import { usedBy } from '../node/kernel.ts';
import type { Program } from './program.ts';

/** lsmod(8). */
export const lsmod: Program = (call) => {
  const { kernel } = call.machine;
  call.out('Module                  Size  Used by\n');
  for (const name of [...kernel.loaded].reverse()) {
    const users = usedBy(kernel, name);
    call.out(`${name.padEnd(20)} ${'16384'.padStart(8)}  ${users.length}${users.length > 0 ? ` ${users.join(',')}` : ''}\n`);
  }
  return 0;
};
