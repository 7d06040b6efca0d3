import { deadmanContract } from '../contract/deadman.contract.ts';
import { contractMachine } from './contract-machine.ts';

// Apart from contract.test.ts, because it takes as long as all of that.

deadmanContract('a virtual machine', contractMachine().machine);
