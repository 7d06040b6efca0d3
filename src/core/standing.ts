import type { Control, RunSpec } from './event.ts';
import type { NodeRun } from './reduce.ts';

/** What Kubernetes tells of a node: whether it is Ready, and if not, why; `unknown` when the API did not tell. */
export type Health = { readonly ready: boolean | 'unknown'; readonly why: string };

/** What `advance` looks at. */
export type RunState = {
  readonly spec: RunSpec;
  readonly nodes: Readonly<Record<string, NodeRun>>;
  /** The run's own stream. */
  readonly run: NodeRun;
  /** The runbook has steps that run once, after the nodes. */
  readonly hasAfter: boolean;
  /** What somebody has said to a node, or to the run's own stream, and was not acted on yet. */
  readonly said: Readonly<Record<string, Control>>;
  /** The last that was said to the whole run is that it be taken back: nothing new begins. */
  readonly back: boolean;
  /** Somebody said `resume` to the whole run after a canary had turned unhealthy. */
  readonly pardon?: Control;
  /** Absent when nobody has asked Kubernetes yet; null when the runbook has nothing to do with it. */
  readonly health?: Readonly<Record<string, Health>> | null;
  /** Epoch ms. */
  readonly now: number;
};

/** Where all nodes of a run stand, as far as it decides who may begin. Names are in the order of the run. */
export type Standing = {
  /** Has neither begun nor ended, and nobody said anything to it. */
  readonly fresh: readonly string[];
  /** Has not begun because a person paused it. */
  readonly paused: readonly string[];
  /** May act: at work, or about to begin, once more perhaps. */
  readonly inFlight: readonly string[];
  /** In flight, and goes on without a person, as far as anybody can tell. */
  readonly moving: readonly string[];
  /** Has ended, and is to begin once more; those that are to be taken back are the last first. */
  readonly again: readonly string[];
  /** Did not end as wished, or does not answer. */
  readonly failures: readonly string[];
  /** Out of service, as far as drover did it: in flight, or left in the middle of a disruption. */
  readonly disturbed: readonly string[];
};

/** A node that does not answer for longer than this blocks the run visibly, though it is still tried. */
const GONE_MS = 6 * 60_000;
const isGone = (node: NodeRun | undefined, now: number): boolean => node?.unreachable === true && now - (node.parkedAt ?? now) > GONE_MS;

const ended = (node: NodeRun | undefined): boolean => node?.outcome !== undefined;
const begun = (node: NodeRun | undefined): boolean => node?.plan !== undefined;

/** Whether a node may act: it was admitted in this round, or had begun before. */
export const isAdmitted = (name: string, node: NodeRun | undefined, run: NodeRun): boolean =>
  (!ended(node) && begun(node)) || run.admitted[name] === (node?.round ?? 0);

/** Left by a plan that broke off where the node may be out of service: cordoned, or with its kubelet stopped. */
const broken = (node: NodeRun | undefined): boolean =>
  (node?.outcome === 'failed' || node?.outcome === 'cancelled') && (node.plan === 'rollback' || node.openBrackets.length > 0);

/** Why a node did not end as wished, in words; undefined when it did, or has not ended. */
export const failureOf = (name: string, { nodes, run }: Pick<RunState, 'nodes' | 'run'>): string | undefined => {
  const node = nodes[name];
  const unhealthy = run.unhealthy[name];
  if (unhealthy !== undefined && unhealthy.at >= (node?.endedAt ?? 0)) return unhealthy.why;
  // one that a person took out before it began has not failed
  if (ended(node)) return node?.outcome === 'succeeded' || !begun(node) ? undefined : node?.outcome;
  return node?.unreachable === true ? 'unreachable' : undefined;
};

/** Sorts the nodes of a run by where they stand. */
export const standingOf = (state: RunState): Standing => {
  const { spec, nodes, run, said } = state;
  const names = spec.nodes.map(({ name }) => name);
  const inFlight = names.filter((name) => isAdmitted(name, nodes[name], run));
  const flying = new Set(inFlight);
  const others = names.filter((name) => !flying.has(name));
  const waiting = others.filter((name) => !ended(nodes[name]));
  const repeated = (type: Control['type']): readonly string[] => others.filter((name) => ended(nodes[name]) && said[name]?.type === type);
  const again = [...repeated('replay'), ...repeated('rollback').toReversed()];
  const once = new Set(again);
  return {
    fresh: waiting.filter((name) => said[name] === undefined),
    paused: waiting.filter((name) => said[name]?.type === 'pause'),
    inFlight,
    moving: inFlight.filter((name) => nodes[name]?.stuck !== true && !isGone(nodes[name], state.now)),
    again,
    failures: names.filter((name) => failureOf(name, state) !== undefined && !once.has(name) && !(flying.has(name) && ended(nodes[name]))),
    disturbed: names.filter((name) => flying.has(name) || broken(nodes[name])),
  };
};
