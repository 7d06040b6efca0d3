import { RedisError } from '../core/error.ts';
import type { Control, RunSpec } from '../core/event.ts';
import { RUN_STREAM } from '../core/node.ts';
import type { Journal } from '../core/ports.ts';
import { type NodeRun, emptyRun, reduce } from '../core/reduce.ts';
import { shared } from './shared.ts';

/** All that is known of a run. */
export type RunView = {
  readonly spec: RunSpec;
  readonly run: NodeRun;
  readonly nodes: Readonly<Record<string, NodeRun>>;
  readonly records: readonly Control[];
};

/** What a process knows of runs, kept up to date by reading only what is new. What is told is never older than the question. @throws RedisError */
export type RunViews = {
  /** What the run froze when it started; read once. Undefined when there is no such run. */
  spec(runId: string): Promise<RunSpec | undefined>;
  /** The run's own stream, folded. Undefined when there is no such run. */
  run(runId: string): Promise<NodeRun | undefined>;
  /** All streams, folded, and what people said. Undefined when there is no such run. */
  all(runId: string): Promise<RunView | undefined>;
  /** Lets go of a run: what is asked of it later is read anew. */
  forget(runId: string): void;
};

/** So many runs are kept; the one that was asked for longest ago is let go of. */
const KEPT = 20;

/** One run as far as it was read. */
type Known = {
  run: NodeRun;
  nodes: Readonly<Record<string, NodeRun>>;
  records: readonly Control[];
  /** Of the last look at what changed. */
  cursor: string;
};

const specOf = (runId: string, { seq, spec }: NodeRun): RunSpec | undefined => {
  if (seq > 0 && spec === undefined) throw new RedisError(`run ${runId}: its journal does not begin with run.started`);
  return spec;
};

/** The later of two states of a stream: reads may end in another order than they began. */
const later = (a: NodeRun, b: NodeRun): NodeRun => (b.seq > a.seq ? b : a);

type View = { spec(): Promise<RunSpec | undefined>; run(): Promise<NodeRun | undefined>; all(): Promise<RunView | undefined> };

/** One run. What is new is taken over only when all of it was read, so that a read that fails leaves the view as it was. */
const openView = (journal: Journal, runId: string): View => {
  let known: Known = { run: emptyRun, nodes: {}, records: [], cursor: '' };

  const upToDate = async (stream: string, state: NodeRun): Promise<NodeRun> =>
    (await journal.read(runId, stream, state.seq)).reduce(reduce, state);

  const run = shared(async () => {
    const read = later(known.run, await upToDate(RUN_STREAM, known.run));
    if (specOf(runId, read) === undefined) return undefined;
    known = { ...known, run: later(known.run, read) };
    return known.run;
  });

  const all = shared(async () => {
    const before = known;
    // the run's own stream first, however long the rest takes: a decision is written behind it, and must not fit when a node is older
    const own = await upToDate(RUN_STREAM, before.run);
    // then what changed, then the streams: what is written in between is told once more, and read only once
    const { streams, cursor } = await journal.changed(runId, before.cursor);
    const states = new Map(Object.entries(before.nodes));
    const [, said] = await Promise.all([
      Promise.all(
        streams.map(async (stream) => {
          if (stream !== RUN_STREAM) states.set(stream, await upToDate(stream, states.get(stream) ?? emptyRun));
        }),
      ),
      journal.controls(runId, before.records.at(-1)?.id),
    ]);
    const spec = specOf(runId, own);
    if (spec === undefined) return undefined;
    const nodes =
      streams.length === 0 ? before.nodes : Object.fromEntries(spec.nodes.map(({ name }) => [name, states.get(name) ?? emptyRun]));
    const records = said.length === 0 ? before.records : [...before.records, ...said];
    known = { run: later(known.run, own), nodes, records, cursor };
    return { spec, run: own, nodes, records };
  });

  return { spec: async () => known.run.spec ?? (await run())?.spec, run, all };
};

/** Views over a journal. */
export const runViews = (journal: Journal): RunViews => {
  const views = new Map<string, View>();
  const viewOf = (runId: string): View => {
    const view = views.get(runId) ?? openView(journal, runId);
    views.delete(runId);
    views.set(runId, view);
    const [oldest] = views.keys();
    if (views.size > KEPT && oldest !== undefined) views.delete(oldest);
    return view;
  };
  return {
    spec: (runId) => viewOf(runId).spec(),
    run: (runId) => viewOf(runId).run(),
    all: (runId) => viewOf(runId).all(),
    forget: (runId) => void views.delete(runId),
  };
};
