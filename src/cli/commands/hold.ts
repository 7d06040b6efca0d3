import { UsageError } from '../../core/error.ts';
import type { Cli } from '../context.ts';
import { openDrover } from '../drover.ts';
import { findFleet, loadFleet } from '../fleet.ts';
import type { FleetFlags, JsonFlag } from '../flags.ts';
import { person } from '../person.ts';
import { selectNodes } from '../select.ts';

/** The flags of `drover hold`. */
export type HoldFlags = FleetFlags & JsonFlag & { readonly why?: string; readonly release?: boolean };

/** Keeps nodes out of all runs until they are released. */
export async function hold(this: Cli, flags: HoldFlags, ...names: string[]): Promise<void> {
  if (flags.release === true && flags.why !== undefined) throw new UsageError('--release needs no --why');
  // a name that is no node would be held to no effect
  const fleet = loadFleet(findFleet({ flag: flags.fleet, env: this.env, cwd: this.cwd }), this.home, this.cwd);
  const nodes = selectNodes(fleet.nodes, { names, selectors: [], exclude: [] }, fleet.file);
  await using drover = await openDrover(this, 'hold');
  const { leases } = drover.station;
  const by = person(this);
  for (const { name } of nodes) {
    if (flags.release === true) {
      const was = await leases.unhold(name);
      this.stdout.write(
        flags.json === true
          ? `${JSON.stringify({ node: name, held: false })}\n`
          : `${name} ${was ? 'is free for runs again' : 'was not held'}\n`,
      );
      continue;
    }
    await leases.hold(name, by, flags.why ?? 'no reason given');
    const taken = await leases.reservation(name);
    const run = taken?.run ?? null;
    const still = run === null ? '' : `; run ${run} has it and goes on: drover pause ${run} ${name} stops that`;
    this.stdout.write(
      flags.json === true
        ? `${JSON.stringify({ node: name, held: true, run })}\n`
        : `${name} is kept out of runs until drover hold ${name} --release${still}\n`,
    );
  }
}
