import type { RunSpec } from '../core/event.ts';
import { type Node, RUN_STREAM, runNode } from '../core/node.ts';
import { type Plan, layOut } from '../core/plan.ts';
import type { Runbook } from '../core/runbook.ts';

/** Lays out what one node of a run goes through. @throws UsageError; a zod error when params or vars do not fit the runbook */
export const planOf = (runbook: Runbook, spec: Pick<RunSpec, 'params'>, node: Node): Plan =>
  layOut(runbook.steps({ params: runbook.params.parse(spec.params), vars: runbook.vars.parse(node.vars), node }));

/** Lays out what happens once, after the nodes; empty when the runbook has nothing of the kind. */
export const planAfter = (runbook: Runbook, spec: Pick<RunSpec, 'params'>): Plan =>
  layOut(runbook.afterRun?.(runbook.params.parse(spec.params)) ?? []);

/** The node of a stream: the run's own stands for no machine. Undefined when the run has no such node. */
export const nodeOfStream = (spec: RunSpec, stream: string): Node | undefined =>
  stream === RUN_STREAM ? runNode : spec.nodes.find(({ name }) => name === stream);

/** The plan of a stream: a node's name, or the run's own. Undefined when the run has no such node. */
export const planOfStream = (runbook: Runbook, spec: RunSpec, stream: string): Plan | undefined => {
  if (stream === RUN_STREAM) return planAfter(runbook, spec);
  const node = spec.nodes.find(({ name }) => name === stream);
  return node && planOf(runbook, spec, node);
};
