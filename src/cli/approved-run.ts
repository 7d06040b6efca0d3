import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { count } from '../core/count.ts';
import { PlanDriftError, UsageError } from '../core/error.ts';
import type { RunSpec } from '../core/event.ts';
import { type Outline, type Plan, outline, outlineDrift } from '../core/plan.ts';
import type { Runbook } from '../core/runbook.ts';
import { planAfter, planOf } from '../queue/plans.ts';
import type { Cli } from './context.ts';
import { type FrozenPlan, readPlan } from './plan-file.ts';
import { worldDrift } from './plan-drift.ts';
import { runbookOfRun } from './registry.ts';
import { rolloutLines } from '../words/rollout.ts';
import { dateTime } from './run-table.ts';
import type { Wanted } from './start-run.ts';

const readText = (cwd: string, file: string): string => {
  try {
    return readFileSync(resolve(cwd, file), 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new UsageError(`the plan ${file} cannot be read${why}`, { cause: error });
  }
};

/** How an outline differs from what the runbook lays out now; one that no longer takes the params or vars lays out nothing. */
const drift = (who: string, was: Outline, layOut: () => Plan): readonly string[] => {
  try {
    return outlineDrift(was, outline(layOut())).map((line) => `${who}: ${line}`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [`${who}: it no longer lays out with the params and vars of the plan: ${why.replaceAll(/\s+/g, ' ')}`];
  }
};

/** What the runbook lays out otherwise than when it was planned, node by node, in words. */
const runbookDrift = (runbook: Runbook, { spec, nodes, after }: FrozenPlan): readonly string[] => {
  const version = spec.version === runbook.version ? [] : [`it was version ${spec.version} and now is ${runbook.version}`];
  const each = spec.nodes.flatMap((node) =>
    drift(node.name, nodes.find((was) => was.node === node.name)?.outline ?? [], () => planOf(runbook, spec, node)),
  );
  return [...version, ...each, ...drift('after the nodes', after?.outline ?? [], () => planAfter(runbook, spec))];
};

/** Who planned it, and when. */
const planner = ({ by, at }: Pick<FrozenPlan, 'by' | 'at'>): string => `planned by ${by} at ${dateTime(at)}`;

/**
 * Reads a plan that was approved, and holds it against the runbook as it is now.
 *
 * @throws UsageError when the file is no plan, or was changed; PlanDriftError when the runbook was
 */
export const approvedRun = async (cli: Cli, file: string): Promise<Wanted> => {
  const { plan, sha256 } = readPlan(readText(cli.cwd, file), file);
  const { at, by } = plan;
  const runbook = await runbookOfRun(plan.spec.runbook);
  const changed = runbookDrift(runbook, plan);
  if (changed.length > 0)
    throw new PlanDriftError(
      `the runbook ${runbook.name} is not what was approved (${planner(plan)}): ${changed.join('; ')}; put the old runbook back, or plan again and have that approved`,
    );
  const spec: RunSpec = { ...plan.spec, approved: { sha256, by, at } };
  return {
    runbook,
    spec,
    question: `Run ${runbook.name} as approved on ${count(spec.nodes.length, 'node')} (${spec.nodes.map(({ name }) => name).join(', ')})?`,
    against: (found) => {
      const since = worldDrift(plan, found);
      return since.length === 0 ? [] : [`${file} (${planner(plan)}) is not how things are any more; before → now:`, ...since];
    },
    show: (found) => [
      `plan ${sha256.slice(0, 8)} of ${file}, ${planner(plan)}: nothing that matters has changed since`,
      ...rolloutLines(spec),
      ...found.warnings.map((line) => `! ${line}`),
    ],
  };
};
