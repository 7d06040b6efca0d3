import { spawn } from 'node:child_process';
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { MACHINE, BOOT, makeRoot, program as standIn } from '../channels/ssh/shell.ts';
import { seededIds } from '../../src/sim/random.ts';
import { timingsAt } from '../../src/sim/timings.ts';
import { createMachine } from '../../src/sim/node/create.ts';
import { type Machine, machineId } from '../../src/sim/node/machine.ts';
import { standInSystemd } from '../channels/ssh/systemd.ts';
import { START, runOn } from '../sim/box.ts';
import type { Results } from '../../src/channels/ssh/results.ts';
import type { LibraryCall } from '../../src/channels/ssh/script.ts';
import { type Ran, runCalls } from '../../src/sim/in-process-exec.ts';
import { addNode, advance, createWorld } from '../../src/sim/world.ts';
import { addressContract } from './address.contract.ts';
import type { ContractNode, Sink } from './calls.ts';
import { deadmanContract } from './deadman.contract.ts';
import { durableContract } from './durable.contract.ts';
import { nodeContract } from './node.contract.ts';

const NEIGHBOUR = '10.77.0.12';

/** What the contract is told of a simulated machine. */
const toldOf = (machine: Machine) => ({
  bootId: machine.bootId,
  machineId: machineId(machine),
  root: '',
  pace: 1,
  neighbour: NEIGHBOUR,
  [Symbol.asyncDispose]: () => Promise.resolve(),
});

const simulated = async (distro: 'el8' | 'debian12'): Promise<ContractNode> => {
  const machine = createMachine(
    {
      name: 'n1',
      distro,
      address: '10.77.0.11/24',
      gateway: '10.77.0.1',
      timings: timingsAt(1),
      ids: seededIds(7),
      hears: (one) => one === NEIGHBOUR,
    },
    START,
  );
  let now = START + 60_000;
  const run = async (script: string, sink: Sink, severed?: AbortSignal): Promise<void> => {
    const { tookMs } = runOn(machine, 'sh -s', {
      stdin: script,
      at: now,
      out: (text) => sink.stdout(Buffer.from(text)),
      err: (text) => sink.stderr(Buffer.from(text)),
      ...(severed && { severed }),
    });
    now += tookMs;
  };
  return {
    run,
    runWithoutSystemd: async (script, sink) => {
      machine.faults.noSystemd = true;
      await run(script, sink);
      delete machine.faults.noSystemd;
    },
    ...toldOf(machine),
  };
};

/** A node of a simulation, reached as the crash test reaches it. */
const inProcess = async (): Promise<ContractNode> => {
  const clock = { now: () => START, sleep: () => Promise.resolve() };
  const world = createWorld({ timings: timingsAt(1), networks: [{ name: 'all', subnets: ['10.0.0.0/8'] }] });
  const machine = addNode(world, { name: 'n1', address: '10.77.0.11/24', gateway: '10.77.0.1', network: null }, START);
  addNode(world, { name: 'n2', address: `${NEIGHBOUR}/24`, gateway: '10.77.0.1', network: null }, START);
  const turn = (touched?: string): void => {
    if (touched !== undefined) world.touched.add(touched);
    advance(world, START);
  };
  const ran = async (calls: readonly LibraryCall[], nonce: string): Promise<Results> => {
    const found: Ran = { done: new Map(), refused: null };
    await runCalls({ world, clock, silentMs: 0, turn }, machine, calls, nonce, found);
    const done = new Map([...found.done].map(([index, result]) => [index, { ...result, cut: false }]));
    return { done, begun: new Set(done.keys()), refused: found.refused };
  };
  const noScript = (): Promise<never> => Promise.reject(new Error('it is reached by calls'));
  return {
    run: noScript,
    runWithoutSystemd: noScript,
    runCalls: ran,
    ...toldOf(machine),
  };
};

const shell = async (program: string, ...words: readonly string[]): Promise<ContractNode> => {
  const root = makeRoot();
  const env = standInSystemd(root);
  standIn(join(root.path, 'tools'), 'nmcli', 'echo ens192');
  const run = (script: string, sink: Sink, severed?: AbortSignal): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const child = spawn(program, [...words, '-s'], { stdio: 'pipe', env });
      child.stdout.on('data', (chunk: Buffer) => sink.stdout(chunk));
      child.stderr.on('data', (chunk: Buffer) => sink.stderr(chunk));
      child.on('error', reject);
      child.on('close', resolve);
      // as sshd does when its connection is gone: nobody reads any more, and nothing is killed
      severed?.addEventListener('abort', () => {
        child.stdout.destroy();
        child.stderr.destroy();
        resolve(null);
      });
      child.stdin.end(`DROVER_ROOT='${root.path}'\n${script}`);
    });
  const system = join(root.path, 'run/systemd/system');
  return {
    run,
    runWithoutSystemd: async (script, sink) => {
      rmdirSync(system);
      await run(script, sink);
      mkdirSync(system);
    },
    bootId: BOOT,
    machineId: MACHINE,
    root: root.path,
    pace: 2,
    [Symbol.asyncDispose]: async () => root[Symbol.dispose](),
  };
};

nodeContract('function calls to a simulated node', inProcess);
addressContract('function calls to a simulated node', inProcess);
deadmanContract('function calls to a simulated node', inProcess);
for (const contract of [nodeContract, durableContract, deadmanContract, addressContract]) {
  contract('a simulated CentOS 8', () => simulated('el8'));
  contract('a simulated Debian 12', () => simulated('debian12'));
  contract('a folder and dash', () => shell('dash'));
  contract('a folder and bash', () => shell('bash', '--posix'));
}
