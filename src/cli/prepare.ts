import type { RunSpec } from '../core/event.ts';
import type { Node } from '../core/node.ts';
import type { Runbook } from '../core/runbook.ts';
import { planAfter, planOf } from '../queue/plans.ts';
import { isJsonObject } from '../core/json.ts';
import { askForParams } from './ask-params.ts';
import type { Cli } from './context.ts';
import { type Fleet, findFleet, loadFleet } from './fleet.ts';
import type { FleetFlags, OutputFlags, SelectFlags, SetFlags, YesFlag } from './flags.ts';
import { parseParams, parseVars } from './params.ts';
import { findRunbook } from './registry.ts';
import { type RolloutFlags, rolloutOf } from './rollout-flags.ts';
import { meansAll, selectNodes } from './select.ts';

/** What `plan`, `run` and `adopt` take to say what is to be done. */
export type PrepareFlags = FleetFlags & SelectFlags & SetFlags & RolloutFlags & { readonly onFailure?: 'pause' | 'rollback' };

/** What `plan`, `run` and `adopt` were asked for, checked without touching anything. */
export type Prepared = {
  readonly fleet: Fleet;
  readonly runbook: Runbook;
  readonly spec: RunSpec;
  /** The nodes of the inventory that are none of the run's. */
  readonly others: readonly Node[];
  /** Nobody said which nodes: all of them are meant. */
  readonly all: boolean;
};

/** Reads inventory, runbook and parameters, and lays out every plan once, so that what is wrong is said now. @throws UsageError */
export const prepare = async (
  cli: Cli,
  flags: PrepareFlags & OutputFlags & YesFlag,
  name: string,
  names: readonly string[],
): Promise<Prepared> => {
  const path = findFleet({ flag: flags.fleet, env: cli.env, cwd: cli.cwd });
  const fleet = loadFleet(path, cli.home, cli.cwd);
  const { runbook, file } = await findRunbook(name, { cwd: cli.cwd, fleetPath: path });
  const selection = { names, selectors: flags.selector ?? [], exclude: flags.exclude ?? [] };
  const chosen = selectNodes(fleet.nodes, selection, fleet.path);
  const params = parseParams(runbook, await askForParams(cli, runbook, flags.set ?? [], flags));
  const nodes = chosen.map((node): Node => {
    const vars = parseVars(runbook, fleet, node);
    return { ...node, vars: isJsonObject(vars) ? vars : {} };
  });
  const spec: RunSpec = {
    // a file of the user's is named by its path, so that every worker of this machine finds the same one
    runbook: file ?? runbook.name,
    version: runbook.version,
    params,
    nodes,
    onFailure: flags.onFailure ?? runbook.onFailure,
    rollout: rolloutOf(runbook.rollout, flags, nodes),
    cluster: fleet.cluster,
    ssh: fleet.ssh,
    ...(fleet.notify && { notify: fleet.notify }),
  };
  for (const node of nodes) planOf(runbook, spec, node);
  planAfter(runbook, spec);
  const others = fleet.nodes.filter(({ name: other }) => !nodes.some((node) => node.name === other));
  return { fleet, runbook, spec, others, all: meansAll(selection) };
};
