import { readSpec, readRun } from '../../queue/run-state.ts';
import type { Cli } from '../context.ts';
import { type Drover, openDrover } from '../drover.ts';
import { findFleet, loadFleet } from '../fleet.ts';
import type { FleetFlags, JsonFlag, SelectFlags } from '../flags.ts';
import { type NodeKnown, isOutOfDate, nodeTable } from '../node-table.ts';
import { selectNodes } from '../select.ts';

/** The flags of `drover nodes`. */
export type NodesFlags = FleetFlags & SelectFlags & JsonFlag;

/** The runs that have not ended, by node. */
const takenBy = async ({ station: { journal } }: Drover): Promise<ReadonlyMap<string, string>> => {
  const taken = new Map<string, string>();
  for (const runId of await journal.runs()) {
    const spec = await readSpec(journal, runId);
    if (!spec) continue;
    const { run } = await readRun(journal, runId, spec);
    if (run.runOutcome === undefined) for (const { name } of spec.nodes) taken.set(name, `run ${runId}`);
  }
  return taken;
};

/** Prints the inventory, and what earlier runs learned of each node. */
export async function nodes(this: Cli, flags: NodesFlags, ...names: string[]): Promise<void> {
  const fleet = loadFleet(findFleet({ flag: flags.fleet, env: this.env, cwd: this.cwd }), this.home, this.cwd);
  const chosen = selectNodes(fleet.nodes, { names, selectors: flags.selector ?? [], exclude: flags.exclude ?? [] }, fleet.file);
  await using drover = await openDrover(this, 'nodes');
  const taken = await takenBy(drover);
  const known = await Promise.all(
    chosen.map(async (node): Promise<NodeKnown> => ({
      node,
      ...(await drover.station.memory.recall(node.name)),
      taken: taken.get(node.name) ?? null,
    })),
  );
  if (flags.json === true) {
    for (const one of known) this.stdout.write(`${JSON.stringify({ ...one, outOfDate: isOutOfDate(one) })}\n`);
    return;
  }
  for (const line of nodeTable(known, fleet.file)) this.stdout.write(`${line}\n`);
}
