import { afterAll, beforeAll, expect, test } from 'vitest';
import { addressContract } from '../contract/address.contract.ts';
import { type ContractNode, leftByContract, read } from '../contract/calls.ts';
import { deadmanContract } from '../contract/deadman.contract.ts';
import { durableContract } from '../contract/durable.contract.ts';
import { nodeContract } from '../contract/node.contract.ts';
import { type Lab, startLab } from './lab.ts';
import { type Login, openLogin } from './ssh.ts';
import { walkBoth } from './both.ts';

// What the simulator claims, held against a real machine: by the contract that the simulator is held to, and by what drover's facts see of both.

let lab: Lab;
let root: Login;
let ops: Login;
let ids: Pick<ContractNode, 'bootId' | 'machineId'>;
/** Without hardware help a call takes seconds, on a busy computer many. */
let pace = 1;
beforeAll(async () => {
  lab = await startLab({ nodes: 1, bridges: 'one' });
  const { observer, machine } = lab.node('n1');
  root = openLogin(observer, machine, 'root', lab.place.folder);
  ops = openLogin(observer, machine, 'ops', lab.place.folder);
  const { exitCode, stdout } = await root.run('cat /proc/sys/kernel/random/boot_id /etc/machine-id');
  expect(exitCode).toBe(0);
  const [bootId = '', machineId = ''] = stdout.split('\n');
  ids = { bootId, machineId };
  await read(await machineOfLab(), 'true');
  const since = performance.now();
  await read(await machineOfLab(), 'true');
  pace = Math.ceil(Math.max(1000, performance.now() - since) / 200);
  console.log(`what lasts, lasts ${pace} s`);
});
afterAll(() => lab.stop());

/** The same machine each time, as it was before drover came. */
const machineOfLab = async (): Promise<ContractNode> => {
  // what an earlier case left at work ends as a boot would end it
  const cleaned = await root.run(`systemctl stop 'drover-*'; rm -rf ${leftByContract.join(' ')}; systemctl daemon-reload`);
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

for (const contract of [nodeContract, durableContract, deadmanContract, addressContract]) contract('a virtual machine', machineOfLab);

test('drover’s facts see the same of a virtual machine as of a simulated Debian 12', async () => {
  await root.run(`rm -rf ${leftByContract.join(' ')}`);
  const { real, simulated } = await walkBoth(lab, { changes: false });
  expect(simulated).toEqual(real);
});
