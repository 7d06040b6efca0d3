import path from 'node:path';
import { z } from 'zod';
import type { Json } from '../../src/core/json.ts';
import { startSim } from '../../src/sim/index.ts';
import { kinds } from './kinds.ts';
import type { Lab } from './lab.ts';
import { brief, say, timed } from './log.ts';
import { inNetns, must } from './process.ts';
import type { Orders } from './walk.ts';

const sight = z.array(z.object({ at: z.string(), step: z.string(), state: z.json(), says: z.array(z.string()), acts: z.array(z.json()) }));

type Within = (command: readonly [string, ...string[]]) => readonly [string, ...string[]];

const walk = (what: string, orders: Orders, within: Within): Promise<Json> =>
  timed(`walked ${what}`, async () => {
    const [program, ...args] = within([process.execPath, path.join(import.meta.dirname, 'walk.ts')]);
    const seen = sight.parse(JSON.parse(await must(program, args, { input: JSON.stringify(orders), timeoutMs: 600_000 })));
    for (const { at, step, ...rest } of seen) say(`${what}: ${at} ${step}: ${brief(JSON.stringify(rest))}`);
    const wanted = orders.node.newAddress.replace(/\/.*/, '');
    return Object.fromEntries(seen.map(({ at, step, ...rest }) => [`${at} ${step.replace(wanted, '<new address>')}`, kinds(rest)]));
  });

/**
 * What drover's facts say of the lab's first node and of a simulated Debian 12 in the same state; with `changes` also after each change of the
 * migration, and after each was taken back. What is a machine's own (addresses, ids, versions) is replaced by its kind.
 */
export const walkBoth = async (lab: Lab, { changes }: { readonly changes: boolean }): Promise<{ real: Json; simulated: Json }> => {
  const { env } = lab.account;
  const account = { HOME: env['HOME'] ?? '', KUBECONFIG: env['KUBECONFIG'] ?? '', PATH: env['PATH'] ?? '' };
  const real = await walk(
    'n1',
    {
      changes,
      node: { name: 'n1', address: '10.77.0.11', newAddress: '10.77.1.11/24' },
      gateway: '10.77.1.1',
      context: 'lab',
      ssh: { port: null, identityFile: path.join(account.HOME, '.ssh/id_ed25519'), knownHosts: null },
      env: account,
    },
    (command) => inNetns(lab.place.netns, command),
  );
  await using sim = await startSim({ nodes: [{ name: 'n1', distro: 'debian12', virtualization: 'qemu' }], speed: 100 });
  const simulated = await walk(
    'the simulated n1',
    {
      changes,
      node: { name: 'n1', address: '127.77.0.11', newAddress: '127.77.1.11/24' },
      gateway: sim.gateway,
      context: 'sim',
      ssh: { port: sim.sshPort, identityFile: sim.identityFile, knownHosts: sim.knownHosts },
      env: { HOME: sim.dir, ...sim.env },
    },
    (command) => command,
  );
  return { real, simulated };
};
