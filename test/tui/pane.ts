import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sim } from '../../src/sim/index.ts';
import type { Operator } from '../e2e/drover.ts';
import { type Pane, openPane } from './tmux.ts';

const main = new URL('../../dist/src/cli/main.js', import.meta.url).pathname;

/** Opens a terminal of an operator: `drover` is in the PATH there, and the state is that of the operator. */
export const paneOf = async (
  { stateDir }: Operator,
  sim: Sim | undefined,
  {
    columns = 100,
    rows = 30,
    env = {},
  }: { readonly columns?: number; readonly rows?: number; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Pane> => {
  const bin = join(stateDir, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'drover'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
  chmodSync(join(bin, 'drover'), 0o755);
  const { REDIS_URL: _redis, KUBECONFIG: _kube, SSH_AUTH_SOCK: _agent, NO_COLOR: _colour, TMUX: _tmux, ...rest } = process.env;
  return openPane({
    columns,
    rows,
    cwd: stateDir,
    env: {
      ...rest,
      ...sim?.env,
      HOME: stateDir,
      DROVER_STATE_DIR: join(stateDir, 'state'),
      ...(sim && { DROVER_FLEET: sim.fleetYaml }),
      // React's own checks are slow, and not what is tested
      NODE_ENV: 'production',
      PS1: '$ ',
      HISTFILE: '/dev/null',
      ...env,
      PATH: `${bin}:${sim?.env['PATH'] ?? process.env['PATH'] ?? ''}`,
    },
  });
};

/** Whether a process is there. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
