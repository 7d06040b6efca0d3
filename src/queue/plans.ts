import type { RunSpec } from '../core/event.ts';
import { type Node, RUN_STREAM, runNode } from '../core/node.ts';
import { type Plan, layOut } from '../core/plan.ts';
import type { Runbook } from '../core/runbook.ts';

/** Plans that were laid out last, by runbook and spec, then by stream: each hold of a node asks for its plan, and each look at a run for what comes after. */
const made = new WeakMap<Runbook, WeakMap<Pick<RunSpec, 'params'>, Map<string, Plan>>>();
/** So many plans of a run are kept; a fleet may be large. */
const KEPT = 100;

const keptPlan = (runbook: Runbook, spec: Pick<RunSpec, 'params'>, stream: string, make: () => Plan): Plan => {
  const specs = made.get(runbook) ?? new WeakMap<Pick<RunSpec, 'params'>, Map<string, Plan>>();
  made.set(runbook, specs);
  const plans = specs.get(spec) ?? new Map<string, Plan>();
  specs.set(spec, plans);
  const known = plans.get(stream);
  if (known) return known;
  if (plans.size >= KEPT) plans.clear();
  const plan = make();
  plans.set(stream, plan);
  return plan;
};

/** Lays out what one node of a run goes through. @throws UsageError; a zod error when params or vars do not fit the runbook */
export const planOf = (runbook: Runbook, spec: Pick<RunSpec, 'params'>, node: Node): Plan =>
  layOut(runbook.steps({ params: runbook.params.parse(spec.params), vars: runbook.vars.parse(node.vars), node }));

/** Lays out what happens once, after the nodes; empty when the runbook has nothing of the kind. */
export const planAfter = (runbook: Runbook, spec: Pick<RunSpec, 'params'>): Plan =>
  keptPlan(runbook, spec, RUN_STREAM, () => layOut(runbook.afterRun?.(runbook.params.parse(spec.params)) ?? []));

/** The node of a stream: the run's own stands for no machine. Undefined when the run has no such node. */
export const nodeOfStream = (spec: RunSpec, stream: string): Node | undefined =>
  stream === RUN_STREAM ? runNode : spec.nodes.find(({ name }) => name === stream);

/** The plan of a stream: a node's name, or the run's own. Undefined when the run has no such node. */
export const planOfStream = (runbook: Runbook, spec: RunSpec, stream: string): Plan | undefined => {
  if (stream === RUN_STREAM) return planAfter(runbook, spec);
  const node = spec.nodes.find(({ name }) => name === stream);
  return node && keptPlan(runbook, spec, stream, () => planOf(runbook, spec, node));
};
