import { expect, test } from 'vitest';
import { leftByContract } from '../contract/calls.ts';
import { nodeContract } from '../contract/node.contract.ts';
import { walkBoth } from './both.ts';
import { contractMachine } from './contract-machine.ts';

// What the simulator claims, held against a real machine: by the contract that the simulator is held to, and by what drover's facts see of both.
// The contracts of durable commands, of addresses and of the guard are in full-node.test.ts.

const { lab, root, machine } = contractMachine();

nodeContract('a virtual machine', machine);

test('drover’s facts see the same of a virtual machine as of a simulated Debian 12', async () => {
  await root().run(`rm -rf ${leftByContract.join(' ')}`);
  const { real, simulated } = await walkBoth(lab(), { changes: false });
  expect(simulated).toEqual(real);
});
