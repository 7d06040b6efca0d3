import { checkPlan } from '../core/check-plan.ts';
import { ConnectionError, DroverError } from '../core/error.ts';
import type { RunSpec } from '../core/event.ts';
import { type Node, runNode } from '../core/node.ts';
import type { Runbook } from '../core/runbook.ts';
import { type NodePreview, preview, unreachable } from '../engine/preview.ts';
import { worldOf } from '../queue/station.ts';
import { planAfter, planOf } from '../queue/plans.ts';
import { conflictsOf } from './conflicts.ts';
import type { Drover } from './drover.ts';
import { inParallel } from './in-parallel.ts';

/** What a look at all nodes of a run found; `refusals` is what keeps the run from beginning. */
export type Preflight = {
  readonly nodes: readonly NodePreview[];
  /** The steps that run once, as far as they can be told before. */
  readonly after: NodePreview | null;
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
  /** What about the plans will hurt one day: it keeps nothing from beginning. */
  readonly findings: readonly string[];
};

/** What was found about the plans among the warnings, where they are shown together. */
export const withFindings = (found: Preflight): Preflight => ({ ...found, warnings: [...found.findings, ...found.warnings] });

/** What about the plans of a run will hurt one day, once for all nodes. */
const findingsOf = (runbook: Runbook, spec: RunSpec): readonly string[] => [
  ...new Set(
    [...spec.nodes.map((node) => planOf(runbook, spec, node)), planAfter(runbook, spec)]
      .flatMap(checkPlan)
      .map(({ rule, message }) => `${runbook.name}: ${message}  [${rule}]`),
  ),
];

/**
 * Looks at all nodes, read-only: what a run would do to each, and what speaks against beginning.
 *
 * One bad node refuses the whole run, so that nothing is half done for a reason that was known before.
 *
 * @param others nodes of the inventory that are none of the run's: what is known of them must not be taken from them
 */
export const preflight = async (
  drover: Drover,
  runbook: Runbook,
  spec: RunSpec,
  signal: AbortSignal,
  others: readonly Node[] = [],
): Promise<Preflight> => {
  // stands where the run's id will be
  const runId = 'RUN';
  const channels = drover.station.channels(runId, spec);
  const look = async (node: Node): Promise<NodePreview> =>
    preview(worldOf(drover.station, channels, node.name), planOf(runbook, spec, node), node, runId, signal, {
      adopted: spec.adopted ?? false,
    });
  const one = async (node: Node): Promise<NodePreview> =>
    // a busy machine may miss a bound once; whoever is away the second time as well is away
    look(node)
      .catch(async (error: unknown) => {
        if (error instanceof ConnectionError && error.transient && !signal.aborted) return look(node);
        throw error;
      })
      .catch((error: unknown) => {
        if (error instanceof ConnectionError) return unreachable(node.name, error);
        throw error;
      });
  try {
    const nodes = await inParallel(spec.nodes, one);
    const plan = planAfter(runbook, spec);
    const after =
      plan.items.length === 0
        ? null
        : await preview(worldOf(drover.station, channels, null), plan, runNode, runId, signal, { afterRun: true }).catch(
            (error: unknown) => {
              if (error instanceof DroverError) return { node: runNode.name, hello: null, steps: [], refusals: [error.message] };
              throw error;
            },
          );
    const conflicts = await conflictsOf(drover, { runbook, spec, others, previews: nodes, cluster: channels.cluster }, signal);
    const own = nodes.flatMap(({ node, refusals }) => refusals.map((why) => (why.startsWith(node) ? why : `${node}: ${why}`)));
    const warnings = nodes.flatMap(({ node, hello }) => {
      const listed = spec.nodes.find(({ name }) => name === node)?.addresses ?? [];
      return hello && !listed.includes(hello.address)
        ? [`${node} answers at ${hello.address}, not at ${listed.join(' or ')}: the inventory is out of date`]
        : [];
    });
    return {
      nodes,
      after,
      refusals: [...new Set(own), ...(after?.refusals ?? []).map((why) => `after the nodes: ${why}`), ...conflicts.refusals],
      warnings: [...warnings, ...conflicts.warnings],
      findings: findingsOf(runbook, spec),
    };
  } finally {
    await drover.station.leave(runId);
  }
};
