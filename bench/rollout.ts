import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type RunCost, oneRun, shape } from './one-run.ts';
import { line } from './table.ts';

const FEW = 100;
const MANY = 1000;
/** How much more CPU the workers may take for ten times the nodes: linear, and a tenth for chance. */
const MOST_GROWTH = 11;
const MOST_MB = 400;

const width = 18;
const head = ['nodes', 'wall', 'nodes/min', 'CPU a node', 'Redis commands', 'Redis bytes', 'peak of a worker'];
const row = ({ nodes, wallMs, cpuMs, commands, bytes, peakMb }: RunCost): string =>
  line(
    [
      String(nodes),
      `${(wallMs / 1000).toFixed(0)} s`,
      ((nodes * 60_000) / wallMs).toFixed(0),
      `${(cpuMs / nodes).toFixed(1)} ms`,
      `${(commands / nodes).toFixed(0)} a node`,
      `${(bytes / nodes / 1000).toFixed(1)} kB a node`,
      `${peakMb.toFixed(0)} MB`,
    ],
    width,
  );

/**
 * A whole fleet in one run, a hundred nodes and a thousand: what a node costs the workers and Redis, and that it costs no more in a larger fleet.
 *
 * @returns what did not hold, in words
 */
export const benchRollout = async (folder: string, stopped: AbortSignal): Promise<readonly string[]> => {
  console.log(`one run: ${shape}`);
  console.log(line(head, width));
  const costs: RunCost[] = [];
  // the few before and after the many: what else the machine does meanwhile changes what a node costs
  for (const nodes of [FEW, MANY, FEW]) {
    const cost = await oneRun(mkdtempSync(join(folder, 'rollout-')), nodes, stopped);
    console.log(row(cost));
    costs.push(cost);
  }
  const cpuOf = (nodes: number): number => {
    const same = costs.filter((cost) => cost.nodes === nodes);
    return same.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / same.length;
  };
  const growth = cpuOf(MANY) / cpuOf(FEW);
  const peakMb = Math.max(...costs.map((cost) => cost.peakMb));
  console.log(`CPU of the workers for ${MANY} nodes: ${growth.toFixed(1)} times that for ${FEW} (at most ${MOST_GROWTH})`);
  return [
    ...(growth > MOST_GROWTH ? [`the CPU of the workers grows ${growth.toFixed(1)} times from ${FEW} to ${MANY} nodes`] : []),
    ...(peakMb > MOST_MB ? [`a worker had ${peakMb.toFixed(0)} MB, more than ${MOST_MB}`] : []),
  ];
};
