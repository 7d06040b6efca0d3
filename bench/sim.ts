// A simulated fleet in a process of its own: node bench/sim.ts COUNT FOLDER; prints what drover needs to know of it, as one line of JSON.
import { startSim } from '../src/sim/index.ts';

const [count = '3', dir = ''] = process.argv.slice(2);
const sim = await startSim({ nodes: Number(count), dir, speed: 600, networks: 'shared' });
process.stdout.write(`${JSON.stringify({ fleetYaml: sim.fleetYaml, kubeconfig: sim.env.KUBECONFIG })}\n`);
process.on('SIGTERM', () => {
  process.exit(0);
});
