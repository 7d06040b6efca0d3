import { afterAll, beforeAll, expect } from 'vitest';
import { type ContractNode, leftByContract, read } from '../contract/calls.ts';
import { type Lab, startLab } from './lab.ts';
import { type Login, openLogin } from './ssh.ts';

/** A virtual machine that contracts are held against, for all the cases of a file; the lab and its root are there once they run. */
export const contractMachine = (): { lab(): Lab; root(): Login; machine(): Promise<ContractNode> } => {
  let lab: Lab;
  let root: Login;
  let ops: Login;
  let ids: Pick<ContractNode, 'bootId' | 'machineId'>;
  /** Without hardware help a call takes seconds, on a busy computer many. */
  let pace = 1;
  beforeAll(async () => {
    lab = await startLab({ nodes: 1, bridges: 'one' });
    const { observer, machine: vm } = lab.node('n1');
    root = openLogin(observer, vm, 'root', lab.place.folder);
    ops = openLogin(observer, vm, 'ops', lab.place.folder);
    const { exitCode, stdout } = await root.run('cat /proc/sys/kernel/random/boot_id /etc/machine-id');
    expect(exitCode).toBe(0);
    const [bootId = '', machineId = ''] = stdout.split('\n');
    ids = { bootId, machineId };
    await read(await machine(), 'true');
    const since = performance.now();
    await read(await machine(), 'true');
    pace = Math.ceil(Math.max(1000, performance.now() - since) / 200);
    console.log(`what lasts, lasts ${pace} s`);
  });
  afterAll(() => lab.stop());

  /** The same machine each time, as it was before drover came. */
  const machine = async (): Promise<ContractNode> => {
    // what an earlier case left at work ends as a boot would end it; to read all units again takes seconds, so not where there are none
    const cleaned = await root.run(
      `units=$(ls -d /run/systemd/transient/drover-* /etc/systemd/system/drover-* 2>/dev/null)
      [ -z "$units" ] || systemctl stop 'drover-*'
      rm -rf ${leftByContract.join(' ')}
      [ -z "$units" ] || systemctl daemon-reload`,
    );
    expect(cleaned).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    return {
      ...ids,
      root: '',
      pace,
      // the lab's own end of the bridge
      neighbour: '10.77.0.1',
      run: (script, sink, severed) => ops.stream('sudo -n sh -s', script, sink, severed),
      // a mount namespace in which nobody has booted systemd, as in sd_booted(3)
      runWithoutSystemd: (script, sink) =>
        ops.stream(`sudo -n unshare -m sh -c 'mount -t tmpfs tmpfs /run/systemd && exec sh -s'`, script, sink),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  };

  return { lab: () => lab, root: () => root, machine };
};
