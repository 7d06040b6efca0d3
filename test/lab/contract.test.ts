import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ContractNode, leftByContract, nodeContract } from '../contract/node.contract.ts';
import { type Lab, startLab } from './lab.ts';
import { type Login, openLogin } from './ssh.ts';
import { walkBoth } from './both.ts';

// What the simulator claims, held against a real machine: by the contract that the simulator is held to, and by what drover's facts see of both.

let lab: Lab;
let root: Login;
let ops: Login;
let ids: Pick<ContractNode, 'bootId' | 'machineId'>;
beforeAll(async () => {
  lab = await startLab({ nodes: 1, bridges: 'one' });
  const { observer, machine } = lab.node('n1');
  root = openLogin(observer, machine, 'root', lab.place.folder);
  ops = openLogin(observer, machine, 'ops', lab.place.folder);
  const { stdout } = await root.run('cat /proc/sys/kernel/random/boot_id /etc/machine-id');
  const [bootId = '', machineId = ''] = stdout.split('\n');
  ids = { bootId, machineId };
});
afterAll(() => lab.stop());

/** The same machine each time, as it was before drover came. */
const machineOfLab = async (): Promise<ContractNode> => {
  const cleaned = await root.run(`rm -rf ${leftByContract.join(' ')}`);
  expect(cleaned).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  return {
    ...ids,
    root: '',
    run: async (script, sink) => {
      const { stdout, stderr } = await ops.run('sudo -n sh -s', script);
      sink.stdout(Buffer.from(stdout));
      sink.stderr(Buffer.from(stderr));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
};

nodeContract('a virtual machine', machineOfLab);

test('drover’s facts see the same of a virtual machine as of a simulated Debian 12', async () => {
  await root.run(`rm -rf ${leftByContract.join(' ')}`);
  const { real, simulated } = await walkBoth(lab, { changes: false });
  expect(simulated).toEqual(real);
});
