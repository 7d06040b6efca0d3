// npm run bench: drover's engine beside a bare ssh2 script doing the same work on the same sshds, for one node and for fifty.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopRedis } from '../src/queue/redis-server.ts';
import { type Nodes, startNodes } from './nodes.ts';
import type { Errand, Measured } from './world.ts';

const FILES = 12;
/** How many nodes the second measurement has; another number may be given as the only argument. */
const MOST = 50;
const clients = ['bare', 'engine'] as const;
/** What the engine may cost more than the bare script, in client CPU, at fifty nodes. */
const MOST_CPU = 1.5;

const folder = mkdtempSync(join(tmpdir(), 'drover-bench-'));
let round = 0;

const once = (client: (typeof clients)[number], nodes: Nodes, count: number): Promise<Measured> => {
  round += 1;
  const files = Object.fromEntries(
    Array.from({ length: FILES }, (_, index) => [`/var/lib/bench/${round}/file-${index}`, `line ${index} of round ${round}\n`.repeat(20)]),
  );
  const { port, key, knownHosts, hostKey } = nodes;
  const errand: Errand = { port, key, knownHosts, hostKey, addresses: nodes.addresses.slice(0, count), files, state: folder };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [new URL(`${client}.ts`, import.meta.url).pathname, JSON.stringify(errand)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')) : reject(new Error(`${client} ended with ${code}`)),
    );
  });
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const cell = (value: string): string => value.padStart(12);
const ms = (value: number): string => cell(`${value.toFixed(0)} ms`);

const most = Number(process.argv[2] ?? MOST);
let passed = true;
let nodes: Nodes | undefined;
const stop = (): void => {
  nodes?.stop();
  process.exit(130);
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
try {
  nodes = await startNodes(folder, most);
  console.log(`${FILES} files a node on real sshds, median; client CPU without the start of the process`);
  console.log(`${'nodes'.padEnd(8)}${cell('')}${cell('bare ssh2')}${cell('drover')}${cell('ratio')}`);
  for (const { count, rounds } of [
    { count: 1, rounds: 5 },
    { count: most, rounds: 3 },
  ]) {
    const seen: Record<(typeof clients)[number], Measured[]> = { bare: [], engine: [] };
    for (let index = 0; index < rounds; index += 1) for (const client of clients) seen[client].push(await once(client, nodes, count));
    for (const figure of ['wallMs', 'cpuMs', 'startCpuMs'] as const) {
      const [bare, engine] = clients.map((client) => median(seen[client].map((one) => one[figure])));
      if (bare === undefined || engine === undefined) continue;
      const name = { wallMs: 'wall', cpuMs: 'CPU', startCpuMs: 'start CPU' }[figure];
      console.log(`${String(count).padEnd(8)}${cell(name)}${ms(bare)}${ms(engine)}${cell((engine / bare).toFixed(2))}`);
      if (figure === 'cpuMs' && count === most && engine / bare > MOST_CPU) passed = false;
    }
  }
  if (!passed) console.log(`drover's client CPU at ${most} nodes is over ${MOST_CPU} times that of the bare script`);
} finally {
  nodes?.stop();
  await stopRedis({ stateDir: folder });
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = passed ? 0 : 1;
