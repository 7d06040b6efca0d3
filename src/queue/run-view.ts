import type { Control, RunSpec } from '../core/event.ts';
import { RUN_STREAM } from '../core/node.ts';
import type { Journal } from '../core/ports.ts';
import { type NodeRun, fold } from '../core/reduce.ts';
import { readRun, readSpec } from './run-state.ts';

/** All that is known of a run. */
export type RunView = {
  readonly spec: RunSpec;
  readonly run: NodeRun;
  readonly nodes: Readonly<Record<string, NodeRun>>;
  readonly records: readonly Control[];
};

/** What a process knows of runs. */
export type RunViews = {
  spec(runId: string): Promise<RunSpec | undefined>;
  run(runId: string): Promise<NodeRun | undefined>;
  all(runId: string): Promise<RunView | undefined>;
  forget(runId: string): void;
};

/** Views over a journal, read anew each time. */
export const runViews = (journal: Journal): RunViews => ({
  spec: (runId) => readSpec(journal, runId),
  run: async (runId) => fold(await journal.read(runId, RUN_STREAM)),
  all: async (runId) => {
    const spec = await readSpec(journal, runId);
    if (!spec) return undefined;
    return { spec, ...(await readRun(journal, runId, spec)), records: await journal.controls(runId) };
  },
  forget: () => undefined,
});
