import { z } from 'zod';
import { startSim } from '../../src/sim/index.ts';
import { type Answer, question } from './sim-words.ts';

/** A simulated fleet in a process of its own, asked by messages. argv: folder, number of nodes, speed, seed. */
const [dir, nodes, speed, seed] = z
  .tuple([z.string(), z.coerce.number(), z.coerce.number(), z.coerce.number()])
  .parse(process.argv.slice(2));

const sim = await startSim({
  nodes,
  speed,
  seed,
  dir,
  networks: 'shared',
  ...(process.env['PATH'] !== undefined && { path: process.env['PATH'] }),
});

const answer = (text: unknown): Answer => {
  const asked = question.parse(text);
  switch (asked.do) {
    case 'where':
      return { env: sim.env, fleet: sim.fleetYaml, gateway: sim.gateway, names: sim.names };
    case 'cut': {
      // the network that its address does not belong to; null is all networks
      const isMoved = sim.node(asked.node).addresses.some((address) => address.startsWith('127.77.1.'));
      sim.vcenter.move(asked.node, asked.cut ? (isMoved ? 'ci' : 'services') : null);
      return {};
    }
    case 'sever':
      sim.setFaults(asked.node, { sever: { command: sim.node(asked.node).commands.length + 1, when: asked.when } });
      return {};
    case 'look':
      return {
        nodes: sim.names.map((name) => {
          const { bootCount, cordoned, ready, addresses, loadedModules, packages, commands, refusals, unit } = sim.node(name);
          const kubelet = unit('kubelet')?.active ?? '';
          return { name, bootCount, cordoned, ready, addresses, loadedModules, packages, kubelet, commands, refusals };
        }),
      };
  }
};

process.on('message', (message) => {
  const { id, text } = z.object({ id: z.number(), text: z.unknown() }).parse(message);
  process.send?.({ id, answer: answer(text) });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ id: 0, answer: {} });
