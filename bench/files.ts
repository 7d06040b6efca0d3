import { spawn } from 'node:child_process';
import { stopRedis } from '../src/queue/redis-server.ts';
import { type Nodes, startNodes } from './nodes.ts';
import { line } from './table.ts';
import type { Errand, Measured } from './world.ts';

const FILES = 12;
const clients = ['bare', 'engine'] as const;
/** What the engine may cost more than the bare script, in client CPU, at the most nodes. */
const MOST_CPU = 1.5;

let round = 0;

const once = (folder: string, client: (typeof clients)[number], nodes: Nodes, count: number): Promise<Measured> => {
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
const ms = (value: number): string => `${value.toFixed(0)} ms`;

/**
 * The engine beside a bare ssh2 script doing the same work on the same sshds, for one node and for `most`.
 *
 * @returns what did not hold, in words
 */
export const benchFiles = async (folder: string, most: number, stopped: AbortSignal): Promise<readonly string[]> => {
  const failures: string[] = [];
  const nodes = await startNodes(folder, most);
  stopped.addEventListener('abort', () => nodes.stop(), { once: true });
  try {
    console.log(`${FILES} files a node on real sshds, median; client CPU without the start of the process`);
    console.log(line(['nodes', '', 'bare ssh2', 'drover', 'ratio']));
    for (const { count, rounds } of [
      { count: 1, rounds: 5 },
      { count: most, rounds: 3 },
    ]) {
      const seen: Record<(typeof clients)[number], Measured[]> = { bare: [], engine: [] };
      for (let index = 0; index < rounds; index += 1)
        for (const client of clients) seen[client].push(await once(folder, client, nodes, count));
      for (const figure of ['wallMs', 'cpuMs', 'startCpuMs'] as const) {
        const [bare, engine] = clients.map((client) => median(seen[client].map((one) => one[figure])));
        if (bare === undefined || engine === undefined) continue;
        const name = { wallMs: 'wall', cpuMs: 'CPU', startCpuMs: 'start CPU' }[figure];
        console.log(line([String(count), name, ms(bare), ms(engine), (engine / bare).toFixed(2)]));
        if (figure === 'cpuMs' && count === most && engine / bare > MOST_CPU)
          failures.push(`drover's client CPU at ${most} nodes is over ${MOST_CPU} times that of the bare script`);
      }
    }
  } finally {
    nodes.stop();
    await stopRedis({ stateDir: folder });
  }
  return failures;
};
