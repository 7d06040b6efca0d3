import { expect, test } from 'vitest';
import { addressContract } from '../contract/address.contract.ts';
import { leftByContract } from '../contract/calls.ts';
import { durableContract } from '../contract/durable.contract.ts';
import { nodeContract } from '../contract/node.contract.ts';
import { walkBoth } from './both.ts';
import { contractMachine } from './contract-machine.ts';

// What the simulator claims, held against a real machine: by the contract that the simulator is held to, and by what drover's facts see of both.
// The contract of the guard is in full-contract.test.ts.

const { lab, root, machine } = contractMachine();

for (const contract of [nodeContract, durableContract, addressContract]) contract('a virtual machine', machine);

test('drover’s facts see the same of a virtual machine as of a simulated Debian 12', async () => {
  await root().run(`rm -rf ${leftByContract.join(' ')}`);
  const { real, simulated } = await walkBoth(lab(), { changes: false });
  expect(simulated).toEqual(real);
});
