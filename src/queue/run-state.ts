import type { RunState } from '../core/advance.ts';
import { pendingControl } from '../core/controls.ts';
import { RedisError } from '../core/error.ts';
import type { Control, RunSpec } from '../core/event.ts';
import { RUN_STREAM } from '../core/node.ts';
import type { Journal } from '../core/ports.ts';
import { type NodeRun, emptyRun, fold } from '../core/reduce.ts';

/** Reads what a run is. Undefined when there is no such run. */
export const readSpec = async (journal: Journal, runId: string): Promise<RunSpec | undefined> => {
  const [first] = await journal.read(runId, RUN_STREAM);
  if (!first) return undefined;
  if (first.type !== 'run.started') throw new RedisError(`run ${runId}: its journal begins with ${first.type} instead of run.started`);
  return first.spec;
};

/** Folds all streams of a run. */
export const readRun = async (
  journal: Journal,
  runId: string,
  spec: RunSpec,
): Promise<{ readonly run: NodeRun; readonly nodes: Readonly<Record<string, NodeRun>> }> => {
  const run = fold(await journal.read(runId, RUN_STREAM));
  const nodes = await Promise.all(spec.nodes.map(async ({ name }) => [name, fold(await journal.read(runId, name))] as const));
  return { run, nodes: Object.fromEntries(nodes) };
};

/** All that `advance` needs, read anew. */
export const readRunState = async (journal: Journal, runId: string, spec: RunSpec, hasAfter: boolean): Promise<RunState> => {
  const { run, nodes } = await readRun(journal, runId, spec);
  const records = await journal.controls(runId);
  const streams: readonly (readonly [string, NodeRun])[] = [[RUN_STREAM, run], ...Object.entries(nodes)];
  // what comes after the nodes begins when they are done, and not because somebody said something to the whole run
  const may = (name: string, state: NodeRun): boolean => name !== RUN_STREAM || state.plan !== undefined;
  const said: Record<string, Control['type']> = {};
  for (const [name, state] of streams) {
    const record = may(name, state) ? pendingControl(records, name, state ?? emptyRun) : undefined;
    if (record) said[name] = record.type;
  }
  return { spec, run, nodes, hasAfter, said };
};
