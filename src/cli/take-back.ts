import { UsageError } from '../core/error.ts';
import type { RunSpec } from '../core/event.ts';
import { RUN_STREAM } from '../core/node.ts';
import type { Plan } from '../core/plan.ts';
import type { NodeRun } from '../core/reduce.ts';
import { nodeOfStream, planOfStream } from '../queue/plans.ts';
import { readRun } from '../queue/run-state.ts';
import { copiesGone, restoredFiles } from './copies-gone.ts';
import { reserveNodes } from './create-run.ts';
import type { Drover } from './drover.ts';
import { say } from './say.ts';
import { type StepBack, backLines, wayBack, wayByHand } from './way-back.ts';

/** A run by its id and what it was started with. */
export type RunFound = { readonly runId: string; readonly spec: RunSpec };

/** The way back of one node: its steps; or that there is nothing to take back; or why it is too late, and what people can do by hand then. */
export type NodeBack =
  | { readonly kind: 'steps'; readonly steps: readonly StepBack[]; readonly plan: Plan; readonly state: NodeRun }
  | { readonly kind: 'nothing'; readonly why: string }
  | { readonly kind: 'too-late'; readonly why: string; readonly byHand: readonly StepBack[] };

const nothing = (why: string): NodeBack => ({ kind: 'nothing', why });

/** The way back of a node, or of what runs once, as far as the journal tells. */
const backOf = async (drover: Drover, { runId, spec }: RunFound, name: string, state: NodeRun): Promise<NodeBack> => {
  const plan = planOfStream(await drover.station.runbook(spec.runbook), spec, name);
  const node = nodeOfStream(spec, name);
  if (!plan || !node || state.plan === undefined) return nothing('nothing was changed');
  if (state.plan === 'rollback' && state.outcome === undefined) return nothing('it is on its way back');
  if (state.outcome === 'rolled-back') return nothing('it was taken back already');
  try {
    const steps = wayBack(plan, state, { runId, node });
    return steps.length === 0 ? nothing('nothing was changed') : { kind: 'steps', steps, plan, state };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { kind: 'too-late', why: error.message, byHand: wayByHand(plan, state, { runId, node }) };
  }
};

/** Finds the way back of a node, or of what runs once; looks on the node whether the copies are still there that it needs. */
export const findBack = async (drover: Drover, found: RunFound, name: string, state: NodeRun, signal: AbortSignal): Promise<NodeBack> => {
  const { runId, spec } = found;
  const back = await backOf(drover, found, name, state);
  const node = nodeOfStream(spec, name);
  if (back.kind !== 'steps' || name === RUN_STREAM || !node) return back;
  const gone = await copiesGone(drover, { runId, spec, node }, back.steps, signal);
  if (gone.length === 0) return back;
  return {
    kind: 'too-late',
    why: `${name}: what run ${runId} kept of ${gone.join(', ')} was forgotten: it is past the point of no return, so drover rolls nothing back here`,
    byHand: wayByHand(back.plan, state, { runId, node }, (action) => restoredFiles(action).some((path) => gone.includes(path))),
  };
};

/** Whether anything of a run can be taken back, as far as the journal tells. */
export const goesBack = async (drover: Drover, found: RunFound): Promise<boolean> => {
  const { run, nodes } = await readRun(drover.station.journal, found.runId, found.spec);
  const ways = Object.entries({ ...nodes, [RUN_STREAM]: run }).map(([name, state]) => backOf(drover, found, name, state));
  return (await Promise.all(ways)).some(({ kind }) => kind === 'steps');
};

/** What a rollback comes to: whose way back is how, and whom it is about; no `asked` means the whole run. */
export type Rollback = {
  readonly asked: readonly string[] | undefined;
  readonly back: readonly { readonly name: string; readonly found: NodeBack & { readonly kind: 'steps' } }[];
};

/**
 * Finds the ways back of nodes, or of the whole run.
 *
 * @throws UsageError that names each node for which it is too late, with the way by hand; or when nothing is to be taken back
 */
export const findRollback = async (
  drover: Drover,
  found: RunFound,
  asked: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<Rollback> => {
  const { runId, spec } = found;
  const { run, nodes } = await readRun(drover.station.journal, runId, spec);
  const states: Readonly<Record<string, NodeRun>> = { ...nodes, [RUN_STREAM]: run };
  const back: Rollback['back'][number][] = [];
  const tooLate: string[] = [];
  for (const name of asked ?? [RUN_STREAM, ...spec.nodes.map((node) => node.name).toReversed()]) {
    const state = states[name];
    if (!state) continue;
    const way = await findBack(drover, found, name, state, signal);
    if (way.kind === 'steps') back.push({ name, found: way });
    else if (way.kind === 'too-late') tooLate.push([way.why, 'by hand, last change first:', ...backLines(way.byHand)].join('\n'));
  }
  const names = back.map(({ name }) => name);
  if (tooLate.length > 0) {
    const others = back.length === 0 ? '' : `\n${names.join(', ')} can go back without: drover rollback ${runId} ${names.join(' ')}`;
    throw new UsageError(tooLate.join('\n') + others);
  }
  if (back.length === 0)
    throw new UsageError(
      `nothing of run ${runId} is to be taken back${asked ? ` on ${asked.join(', ')}` : ''}: nothing was changed, or it was taken back already, or is on its way back`,
    );
  return { asked, back };
};

/** Says a rollback that was found, once all that it moves belong to this run. @throws UsageError when a node belongs to somebody else */
export const sayRollback = async (drover: Drover, { runId, spec }: RunFound, { asked, back }: Rollback, by: string): Promise<void> => {
  const names = back.map(({ name }) => name);
  const moves = asked ? names : spec.nodes.map(({ name }) => name);
  await reserveNodes(drover, runId, moves, by);
  await say(drover, runId, { type: 'rollback', by, ...(asked && { nodes: names }) });
};
