import { RedisError } from '../core/error.ts';
import type { RunSpec } from '../core/event.ts';
import { RUN_STREAM } from '../core/node.ts';
import type { Journal } from '../core/ports.ts';
import { type NodeRun, fold } from '../core/reduce.ts';

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
