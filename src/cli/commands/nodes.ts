import type { Cli } from '../context.ts';
import { type Drover, openDrover } from '../drover.ts';
import { findFleet, loadFleet } from '../fleet.ts';
import type { FleetFlags, JsonFlag, SelectFlags } from '../flags.ts';
import { type NodeKnown, isOutOfDate, nodeTable } from '../node-table.ts';
import { selectNodes } from '../select.ts';

/** The flags of `drover nodes`. */
export type NodesFlags = FleetFlags & SelectFlags & JsonFlag;

/** Who has a node: a run, or a person who holds it. */
const takenBy = async ({ station: { leases } }: Drover, name: string): Promise<string | null> => {
  const [hold, reservation] = await Promise.all([leases.held(name), leases.reservation(name)]);
  if (hold) return `held by ${hold.by}: ${hold.why}`;
  return reservation ? `run ${reservation.run}, by ${reservation.by}` : null;
};

/** Prints the inventory, and what earlier runs learned of each node. */
export async function nodes(this: Cli, flags: NodesFlags, ...names: string[]): Promise<void> {
  const fleet = loadFleet(findFleet({ flag: flags.fleet, env: this.env, cwd: this.cwd }), this.home, this.cwd);
  const chosen = selectNodes(fleet.nodes, { names, selectors: flags.selector ?? [], exclude: flags.exclude ?? [] }, fleet.file);
  await using drover = await openDrover(this, 'nodes');
  const known = await Promise.all(
    chosen.map(async (node): Promise<NodeKnown> => ({
      node,
      ...(await drover.station.memory.recall(node.name)),
      taken: await takenBy(drover, node.name),
    })),
  );
  if (flags.json === true) {
    for (const one of known) this.stdout.write(`${JSON.stringify({ ...one, outOfDate: isOutOfDate(one) })}\n`);
    return;
  }
  for (const line of nodeTable(known, fleet.file)) this.stdout.write(`${line}\n`);
}
