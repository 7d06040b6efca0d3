import { writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { startSim } from '../../src/sim/index.ts';
import { linesOf, operator } from '../e2e/drover.ts';

/**
 * Records what the frames are made from: real runs of the real command line over simulated nodes. By hand: `node test/tui/record.ts`.
 *
 * The first node is moved by a person; one fails its proof, is mended and replayed; one is taken back at the end.
 */
const names = Array.from({ length: 8 }, (_, index) => `runner-0${index + 1}`);
const esxi = ['a', 'b', 'c', 'd'];
await using sim = await startSim({
  nodes: names.map((name, index) => ({ name, labels: { role: 'gitlab-runner', esxi: esxi[index % esxi.length] ?? 'a' } })),
  speed: 60,
  faults: { 'runner-03': { modulesNotLoadedAtBoot: ['iptable_nat'] } },
  ...(process.env['PATH'] !== undefined && { path: process.env['PATH'] }),
});
await using anna = operator(sim);
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const here = (file: string): URL => new URL(file, import.meta.url);
const args = ['migrate-runner-node', ...names, '--set', `gateway=${sim.gateway}`];
const rollout = ['--canary', '1', '--soak', '1s', '--max-unavailable', '3', '--max-failures', '1'];

const plan = await anna.drover(['plan', ...args, ...rollout, '--json']);
writeFileSync(here('plan.fixture.ndjson'), plan.stdout);
say(`plan: ${plan.stdout.length} bytes, ${plan.exitCode}; ${plan.stderr}`);

/** Plays the person who moves VMs, for as long as a command runs; takes a while to see what is asked. */
const events: string[] = [];
const moved = new Set<string>();
const attended = async (command: readonly string[]): Promise<string> => {
  const running = anna.start(command);
  const id = await running.printed(/"run":"(\w+)"/);
  while (running.child.exitCode === null) {
    const lines = linesOf({ stdout: (await anna.drover(['show', id, '--json'])).stdout, stderr: '', exitCode: 0, signal: null });
    for (const node of names) {
      const own = lines.filter((line) => line.node === node);
      const asked = own.filter(({ type }) => type === 'step.asked');
      const key = `${node} ${asked.length}`;
      if (asked.length === 0 || moved.has(key)) continue;
      moved.add(key);
      await wait(300);
      sim.person.moveAndRestart(node, asked.at(-1)?.step?.startsWith('undo.') === true ? 'ci' : undefined);
      say(`moved ${key}`);
    }
    await wait(100);
  }
  const { stdout, exitCode, stderr } = await running.ended;
  say(`${command[0]}: ${exitCode} ${stderr}`);
  events.push(stdout);
  return id;
};
const id = await attended(['run', ...args, ...rollout, '--yes', '--json']);
sim.setFaults('runner-03', { modulesNotLoadedAtBoot: [] });
await attended(['replay', id, 'runner-03', '--yes', '--json']);
await attended(['rollback', id, 'runner-02', '--yes', '--json']);
writeFileSync(here('night.fixture.ndjson'), events.join(''));
writeFileSync(here('output.fixture.ndjson'), (await anna.drover(['logs', id, 'runner-03', '--json'])).stdout);
