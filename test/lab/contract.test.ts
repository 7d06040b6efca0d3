import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Json } from '../../src/core/json.ts';
import { gitlabRunners, startSim } from '../../src/sim/index.ts';
import { type ContractNode, leftByContract, nodeContract } from '../contract/node.contract.ts';
import { kinds } from './kinds.ts';
import { type Lab, startLab } from './lab.ts';
import { brief, say, timed } from './log.ts';
import { inNetns, must } from './process.ts';
import { type Login, openLogin } from './ssh.ts';
import type { Orders } from './walk.ts';

// What the simulator claims, held against a real machine: by the contract that it is held to itself, and by walking both through the same changes.

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

const sight = z.array(z.object({ at: z.string(), step: z.string(), state: z.json(), says: z.array(z.string()), acts: z.array(z.json()) }));

/** What drover's facts say of a node on its way there and back; the log has it all. */
const walk = (what: string, orders: Orders, within: (command: readonly string[]) => readonly string[]): Promise<Json> =>
  timed(`walked ${what}`, async () => {
    const [program = '', ...args] = within([process.execPath, path.join(import.meta.dirname, 'walk.ts')]);
    const seen = sight.parse(JSON.parse(await must(program, args, { input: JSON.stringify(orders), timeoutMs: 400_000 })));
    for (const { at, step, ...rest } of seen) say(`${what}: ${at} ${step}: ${brief(JSON.stringify(rest))}`);
    return Object.fromEntries(seen.map(({ at, step, ...rest }) => [`${at} ${step}`, kinds(rest)]));
  });

test('drover’s facts see the same of a virtual machine as of a simulated Debian 12, fresh, changed and changed back', async () => {
  const { folder, env } = lab.account;
  const account = { HOME: env['HOME'] ?? folder, KUBECONFIG: env['KUBECONFIG'] ?? '', PATH: env['PATH'] ?? '' };
  const identityFile = path.join(account.HOME, '.ssh/id_ed25519');
  const asReal = await walk(
    'n1',
    {
      node: { name: 'n1', address: '10.77.0.11', newAddress: '10.77.1.11/24' },
      gateway: '10.77.1.1',
      context: 'lab',
      ssh: { port: null, identityFile, knownHosts: null },
      env: account,
    },
    (command) => inNetns(lab.place.netns, command),
  );
  const [first] = gitlabRunners;
  await using sim = await startSim({ nodes: [{ ...first, name: 'n1', distro: 'debian12', virtualization: 'qemu' }], speed: 100 });
  const asSimulated = await walk(
    'the simulated n1',
    {
      node: { name: 'n1', address: '127.77.0.11', newAddress: '127.77.1.11/24' },
      gateway: sim.gateway,
      context: 'sim',
      ssh: { port: sim.sshPort, identityFile: sim.identityFile, knownHosts: sim.knownHosts },
      env: { HOME: sim.dir, ...sim.env },
    },
    (command) => command,
  );
  expect(asSimulated).toEqual(asReal);
});
