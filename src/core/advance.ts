import type { Control, Outcome, RunSpec } from './event.ts';
import { RUN_STREAM } from './node.ts';
import type { NodeRun } from './reduce.ts';

/** What a run needs next. */
export type RunDecision =
  /** These nodes need a worker. */
  | { readonly do: 'work'; readonly nodes: readonly string[] }
  /** The steps that run once are due. */
  | { readonly do: 'after' }
  /** Nothing goes on without a person. */
  | { readonly do: 'halt'; readonly why: string }
  | { readonly do: 'finish'; readonly outcome: Outcome };

/** What `advance` looks at. */
export type RunState = {
  readonly spec: RunSpec;
  readonly nodes: Readonly<Record<string, NodeRun>>;
  /** The run's own stream. */
  readonly run: NodeRun;
  /** The runbook has steps that run once, after the nodes. */
  readonly hasAfter: boolean;
  /** What somebody has said to a node, or to the run's own stream, and was not acted on yet. */
  readonly said: Readonly<Record<string, Control['type']>>;
};

const ended = (node: NodeRun | undefined): boolean => node?.outcome !== undefined;

/** Whether a run changed anything on a node. */
export const changed = (node: NodeRun): boolean =>
  Object.values(node.steps).some(({ appliedOn, asked }) => appliedOn !== undefined || asked !== undefined);

/** How a run ended, when every node that began has ended. */
const outcomeOf = (nodes: readonly (NodeRun | undefined)[]): Outcome => {
  const has = (outcome: Outcome): boolean => nodes.some((node) => node?.outcome === outcome);
  if (has('failed')) return 'failed';
  if (has('cancelled')) return 'cancelled';
  if (has('rolled-back')) return 'rolled-back';
  return 'succeeded';
};

/**
 * Decides what a run needs, from the states of all its nodes; called again at every change, by any worker, with the same answer.
 *
 * One node after another, in the order of the run, and in reverse order on the way back; after one that did not end as wished no other begins.
 * Undefined: it has ended.
 */
export const advance = ({ spec, nodes, run, hasAfter, said }: RunState): RunDecision | undefined => {
  const names = spec.nodes.map(({ name }) => name);
  const told = names.filter((name) => said[name] !== undefined);
  // a rollback of the run begins with what came last
  const afterGoesOn = run.plan !== undefined && run.outcome === undefined && !run.stuck;
  if (said[RUN_STREAM] !== undefined || afterGoesOn) return { do: 'after' };
  // whoever has not ended hears it at once; what has ended and is to begin again waits until no other node is at work
  const listening = told.filter((name) => !ended(nodes[name]));
  if (listening.length > 0) return { do: 'work', nodes: listening };

  const active = names.filter((name) => nodes[name]?.plan !== undefined && !ended(nodes[name]));
  const moving = active.filter((name) => nodes[name]?.stuck !== true);
  if (moving.length > 0) return { do: 'work', nodes: moving };
  const again = told.find((name) => said[name] === 'replay') ?? told.at(-1);
  if (again !== undefined && active.length === 0) return { do: 'work', nodes: [again] };
  if (run.runOutcome !== undefined) return undefined;
  const [stuck] = active;
  if (stuck !== undefined) return { do: 'halt', why: `blocked by ${stuck}: ${nodes[stuck]?.parked ?? 'it is parked'}` };

  const states = names.map((name) => nodes[name]);
  const allWell = states.every((node) => !ended(node) || node?.outcome === 'succeeded');
  const [fresh] = names.filter((name) => !ended(nodes[name]));
  if (fresh !== undefined && allWell) return { do: 'work', nodes: [fresh] };
  if (!allWell) return { do: 'finish', outcome: outcomeOf(states) };

  const due = hasAfter && states.some((node) => node !== undefined && changed(node));
  if (due && run.outcome === undefined)
    return run.stuck ? { do: 'halt', why: `blocked by the steps after the nodes: ${run.parked ?? 'parked'}` } : { do: 'after' };
  return { do: 'finish', outcome: due && run.outcome !== undefined ? run.outcome : 'succeeded' };
};
