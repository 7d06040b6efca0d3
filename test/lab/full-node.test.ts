import { addressContract } from '../contract/address.contract.ts';
import { deadmanContract } from '../contract/deadman.contract.ts';
import { durableContract } from '../contract/durable.contract.ts';
import { contractMachine } from './contract-machine.ts';

// Apart from contract.test.ts, because they take longer than all of that.

const { machine } = contractMachine();

for (const contract of [durableContract, deadmanContract, addressContract]) contract('a virtual machine', machine);
