import { type NodeFaults, type Sim, type SimNodeOptions, startSim } from '../../src/sim/index.ts';

/** A simulated fleet whose nodes answer at their new address without anybody moving a VM; a boot takes half a second at speed 60. */
export const fleet = async (
  nodes: number | readonly SimNodeOptions[],
  options: { readonly faults?: Readonly<Record<string, NodeFaults>>; readonly speed?: number } = {},
): Promise<Sim> =>
  startSim({
    nodes,
    speed: options.speed ?? 60,
    networks: 'shared',
    ...(options.faults && { faults: options.faults }),
    ...(process.env['PATH'] !== undefined && { path: process.env['PATH'] }),
  });

/** What the runbook has to know of a fleet. */
export const settings = (sim: Sim): string[] => ['--set', `gateway=${sim.gateway}`, '--set', 'move=none'];

/** The words of a run over a fleet, for a program to read; canaries soak for a moment only, unless something else is said. */
export const migrate = (sim: Sim, ...more: readonly string[]): string[] => [
  'run',
  'migrate-runner-node',
  ...settings(sim),
  ...(more.includes('--soak') ? [] : ['--soak', '100ms']),
  '--yes',
  '--json',
  ...more,
];
