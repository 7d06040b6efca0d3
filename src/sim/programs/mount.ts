import type { Program } from './program.ts';
import { options, unknown } from './program.ts';

/** mount(8), of which it knows `--make-shared /` and `--make-private /`. */
export const mount: Program = (call) => {
  const [how, path, ...more] = call.args;
  if ((how !== '--make-shared' && how !== '--make-private') || path !== '/' || more.length > 0) return unknown(call, 'mount');
  if (call.user !== 'root') {
    call.err('mount: /: must be superuser to use mount.\n');
    return 1;
  }
  call.machine.sharedRoot = how === '--make-shared';
  return 0;
};

/** findmnt(8), of which it knows the propagation of `/`: `findmnt -n -o PROPAGATION /`. */
export const findmnt: Program = (call) => {
  const { flags, rest } = options(call.args, ['-o', '--output']);
  if ((flags.get('-o') ?? flags.get('--output'))?.[0] !== 'PROPAGATION' || rest[0] !== '/') return unknown(call, 'findmnt');
  call.out(`${flags.has('-n') ? '' : 'PROPAGATION\n'}${call.machine.sharedRoot ? 'shared' : 'private'}\n`);
  return 0;
};
