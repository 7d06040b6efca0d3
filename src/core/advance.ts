import { admission } from './admit.ts';
import { clonesAmong } from './clones.ts';
import type { Control, Outcome, RunOutcome, Wave } from './event.ts';
import { RUN_STREAM } from './node.ts';
import type { NodeRun } from './reduce.ts';
import { type RunState, type Standing, standingOf } from './standing.ts';

/** What a run needs next. */
export type RunDecision =
  /** These nodes need a worker. */
  | { readonly do: 'work'; readonly nodes: readonly string[] }
  /** These nodes may begin, each in this round. */
  | { readonly do: 'admit'; readonly wave: Wave; readonly nodes: Readonly<Record<string, number>> }
  /** Kubernetes has to tell which nodes are Ready before more can be said. */
  | { readonly do: 'ask-health' }
  /** The canaries have to stay healthy until then. */
  | { readonly do: 'soak'; readonly nodes: readonly string[]; readonly untilMs: number }
  | { readonly do: 'unhealthy'; readonly node: string; readonly why: string }
  /** Goes on in spite of what turned unhealthy, because a person said so. */
  | { readonly do: 'pardon'; readonly said: Control }
  /** Nothing to do now; it passes by itself. */
  | { readonly do: 'wait'; readonly why: string }
  /** The steps that run once are due. */
  | { readonly do: 'after' }
  /** Nothing goes on without a person; nodes that are tried again all the same need a worker. */
  | { readonly do: 'halt'; readonly why: string; readonly nodes: readonly string[] }
  | { readonly do: 'finish'; readonly outcome: RunOutcome; readonly why?: string };

/** How long a run with nothing else to do waits for what passes by itself before it says so. */
const PATIENCE_MS = 60_000;

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

/** Before anything is touched anywhere, the gates of all nodes are asked, and who the machines are; undefined when that is behind the run. */
const preflight = ({ spec, nodes, run }: RunState): RunDecision | undefined => {
  const names = spec.nodes.map(({ name }) => name);
  if (Object.keys(run.admitted).length > 0 || names.some((name) => nodes[name]?.plan !== undefined)) return undefined;
  const open = names.filter((name) => !ended(nodes[name]));
  const due = open.filter((name) => nodes[name]?.preflight === undefined);
  if (due.length > 0) return { do: 'work', nodes: due };
  const bad = open.filter((name) => (nodes[name]?.preflight ?? []).length > 0);
  const clones = clonesAmong(
    open.flatMap((node) => {
      const identity = nodes[node]?.identity;
      return identity === undefined ? [] : [{ node, identity }];
    }),
  );
  if (bad.length + clones.length === 0) return undefined;
  const why = [...bad.map((name) => nodes[name]?.preflight?.join('; ')), ...clones].join('; ');
  const without = bad.length === 0 ? '' : `: mend it, or begin without: ${bad.map((name) => `--exclude ${name}`).join(' ')}`;
  return { do: 'finish', outcome: 'refused', why: `${why}; nothing was touched${without}` };
};

/** What comes when no node has anything to do: the steps that run once, and the end. */
const ending = ({ spec, nodes, run, hasAfter, back }: RunState): RunDecision => {
  const states = spec.nodes.map(({ name }) => nodes[name]);
  const allWell = states.every((node) => node?.outcome === 'succeeded');
  if (back && !states.some(ended)) return { do: 'finish', outcome: 'cancelled' };
  if (!allWell || back) return { do: 'finish', outcome: outcomeOf(states) };
  // what was taken over half done may lack nothing but this
  const due = hasAfter && (spec.adopted === true || states.some((node) => node !== undefined && changed(node)));
  if (due && run.outcome === undefined)
    return run.stuck ? { do: 'halt', why: `blocked by the steps after the nodes: ${run.parked ?? 'parked'}`, nodes: [] } : { do: 'after' };
  return { do: 'finish', outcome: due && run.outcome !== undefined ? run.outcome : 'succeeded' };
};

const lastAt = ({ nodes, run }: RunState): number => Math.max(run.at, ...Object.values(nodes).map(({ at }) => at));

/** What follows from who may begin, where nobody moves. */
const idle = (state: RunState, standing: Standing, why: string, byItself: boolean): RunDecision => {
  const [stuck] = standing.inFlight;
  const nodes = standing.inFlight.filter((name) => state.nodes[name]?.stuck !== true);
  if (stuck !== undefined) return { do: 'halt', why: `blocked by ${stuck}: ${state.nodes[stuck]?.parked ?? 'it is parked'}`, nodes };
  // once it is said, it stays said until it has passed
  const patient = byItself && (state.run.soakUntil ?? 0) > state.now;
  if (patient || (byItself && state.run.halted === undefined && state.now - lastAt(state) < PATIENCE_MS)) return { do: 'wait', why };
  return { do: 'halt', why, nodes };
};

/**
 * Decides what a run needs, from the states of all its nodes; called again at every change, by any worker, with the same answer.
 *
 * All nodes pass preflight before any is touched; then nodes begin as `admission` lets them. What people said to a node that has not ended is
 * heard at once. A rollback of the run begins with what came last, the steps after the nodes. Undefined: it has ended.
 */
export const advance = (state: RunState): RunDecision | undefined => {
  const { spec, nodes, run, said, pardon } = state;
  const afterGoesOn = run.plan !== undefined && run.outcome === undefined && !run.stuck;
  if (said[RUN_STREAM] !== undefined || afterGoesOn) return { do: 'after' };
  const standing = standingOf(state);
  const over = run.runOutcome !== undefined;
  if (over && standing.inFlight.length + standing.again.length === 0) return undefined;
  if (pardon && Object.keys(run.unhealthy).length > 0) return { do: 'pardon', said: pardon };
  // a pause of what has not begun keeps it from beginning; everything else has to be written by its worker
  const listening = spec.nodes
    .map(({ name }) => name)
    .filter((name) => said[name] !== undefined && !ended(nodes[name]) && !standing.paused.includes(name));
  const work = [...new Set([...listening, ...standing.moving])];
  const first = preflight(state);
  if (first) return first.do === 'work' ? { do: 'work', nodes: [...new Set([...listening, ...first.nodes])] } : first;

  const who = admission(state, standing);
  switch (who.kind) {
    case 'admit':
      return { do: 'admit', wave: who.wave, nodes: Object.fromEntries(who.nodes.map((name) => [name, nodes[name]?.round ?? 0])) };
    case 'ask-health':
      return { do: 'ask-health' };
    case 'soak':
      return { do: 'soak', nodes: who.nodes, untilMs: who.untilMs };
    case 'unhealthy':
      return { do: 'unhealthy', node: who.node, why: who.why };
    case 'blocked':
      return work.length > 0 ? { do: 'work', nodes: work } : idle(state, standing, who.why, who.byItself);
    case 'none': {
      if (work.length > 0) return { do: 'work', nodes: work };
      if (standing.inFlight.length > 0) return idle(state, standing, '', false);
      return ending(state);
    }
  }
};
