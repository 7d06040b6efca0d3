import { spawn } from 'node:child_process';
import { MACHINE, BOOT, makeRoot } from '../channels/ssh/shell.ts';
import { seededIds } from '../../src/sim/random.ts';
import { timingsAt } from '../../src/sim/timings.ts';
import { createMachine } from '../../src/sim/node/create.ts';
import { machineId } from '../../src/sim/node/machine.ts';
import { runOn } from '../sim/box.ts';
import { type ContractNode, nodeContract } from './node.contract.ts';

const simulated = async (distro: 'el8' | 'debian12'): Promise<ContractNode> => {
  const machine = createMachine(
    { name: 'n1', distro, address: '10.77.0.11/24', gateway: '10.77.0.1', timings: timingsAt(1), ids: seededIds(7) },
    1_700_000_000_000,
  );
  return {
    run: async (script, sink) => {
      const { stdout, stderr } = runOn(machine, 'sh -s', { stdin: script });
      sink.stdout(Buffer.from(stdout));
      sink.stderr(Buffer.from(stderr));
    },
    bootId: machine.bootId,
    machineId: machineId(machine),
    root: '',
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
};

const shell = async (program: string, ...words: readonly string[]): Promise<ContractNode> => {
  const root = makeRoot();
  return {
    run: (script, sink) =>
      new Promise((resolve, reject) => {
        const child = spawn(program, [...words, '-s'], { stdio: 'pipe' });
        child.stdout.on('data', (chunk: Buffer) => sink.stdout(chunk));
        child.stderr.on('data', (chunk: Buffer) => sink.stderr(chunk));
        child.on('error', reject);
        child.on('close', resolve);
        child.stdin.end(`DROVER_ROOT='${root.path}'\n${script}`);
      }),
    bootId: BOOT,
    machineId: MACHINE,
    root: root.path,
    [Symbol.asyncDispose]: async () => root[Symbol.dispose](),
  };
};

nodeContract('a simulated CentOS 8', () => simulated('el8'));
nodeContract('a simulated Debian 12', () => simulated('debian12'));
nodeContract('a folder and dash', () => shell('dash'));
nodeContract('a folder and bash', () => shell('bash', '--posix'));
