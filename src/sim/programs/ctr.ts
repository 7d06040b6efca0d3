import { installedRuntime, runningRuntime } from '../node/runtime.ts';
import { type Program, unknown } from './program.ts';

const REVISION = '9ba4b250366a5ddde94bb7c9d1def331423aa323';

/** ctr(8): `version`, of the client that is installed and of the server that runs; exit code 1 where none answers. Source: containerd, cmd/ctr/commands/version. */
export const ctr: Program = (call) => {
  if (call.args[0] !== 'version') return unknown(call, 'ctr');
  const installed = installedRuntime(call.machine);
  if (installed === undefined) {
    call.err('sh: 1: ctr: not found\n');
    return 127;
  }
  call.out(`Client:\n  Version:  ${installed}\n  Revision: ${REVISION}\n  Go version: go1.18.9\n\n`);
  const running = runningRuntime(call.machine);
  if (running === undefined) {
    call.err('ctr: failed to dial "/run/containerd/containerd.sock": context deadline exceeded: connection error\n');
    return 1;
  }
  call.out(`Server:\n  Version:  ${running}\n  Revision: ${REVISION}\n  UUID: ${call.machine.productUuid}\n`);
  return 0;
};
