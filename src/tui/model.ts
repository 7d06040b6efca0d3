import type { NodeEvent, Outcome, RunSpec, Wave } from '../core/event.ts';
import { type Node, RUN_STREAM, runNode } from '../core/node.ts';
import type { Outline } from '../core/plan.ts';
import { type NodeRun, emptyRun, reduce } from '../core/reduce.ts';
import { nodeSet } from './node-set.ts';
import { newNode, tellNode } from './node-view.ts';

/** An event and the stream it stands in: a node's name, or the run's own. */
export type Told = { readonly stream: string; readonly event: NodeEvent };

/** What the journal says of a step beside its state, in words. */
export type StepNote = {
  /** Why it was started: what was not as wished. */
  readonly unmet?: readonly string[];
  /** Where the node came up, for a boot. */
  readonly verdict?: string;
  /** Why its outcome is not known. */
  readonly unknown?: string;
  /** Why it was skipped, when that is not because it was met. */
  readonly skipped?: string;
  /** How long the last action itself took. */
  readonly tookMs?: number;
  readonly answer?: { readonly by: string; readonly words: string };
};

/** Where a node stands, the ones that want a person first. */
export type Standing =
  'waits' | 'failed' | 'refused' | 'parked' | 'paused' | 'running' | 'pending' | 'cancelled' | 'rolled-back' | 'succeeded';

/** One node as the screen knows it; made anew only when its own stream tells something. */
export type NodeView = {
  readonly name: string;
  readonly node: Node;
  readonly run: NodeRun;
  readonly notes: Readonly<Record<string, StepNote>>;
  /** The plan that runs, or ran last; on the way back this is the way back. */
  readonly plan?: Outline;
  /** Who ended it, and what there is to know besides. */
  readonly end?: { readonly outcome: Outcome; readonly by?: string; readonly why?: string };
  readonly standing: Standing;
  /** The step that the node is at, or failed at. */
  readonly step?: string;
  /** The reason in words: why it waits, failed, or acts. */
  readonly why: string;
  /** Epoch ms since when it is at this, and how long that may take. */
  readonly since?: number;
  readonly withinMs?: number;
  /** Its steps, one sign each, in the order of the forward plan; empty before it began. */
  readonly strip: string;
  /** The same for all nodes that stand alike: they fold to one row. */
  readonly alike: string;
  /** Its place in the order of the run. */
  readonly place: number;
};

/** A line that a command printed. */
export type OutputLine = { readonly at: number; readonly step: string; readonly line: string };

/** What is known of a node's steps beyond the journal, from its runbook. */
export type StepDetail = { readonly title: string; readonly actions: readonly string[] };

/** The way back of a node: its steps, or why there is none. */
export type WayBack = { readonly kind: 'steps'; readonly steps: readonly StepDetail[] } | { readonly kind: 'none'; readonly why: string };

/** Who works on the run: this process, or workers elsewhere, in words (`worker 4711 on ops-1`). */
export type Holders = { readonly here: boolean; readonly others: readonly string[] };

/** The durations seen, for the estimate: sum and number of the nodes that succeeded. */
export type Durations = { readonly totalMs: number; readonly count: number };

/** What is known of a run: folded from its events, and a little told from outside (`learn`). Holds nothing that would be lost. */
export type Model = {
  readonly runId: string;
  readonly spec: RunSpec;
  /** The run's own stream. */
  readonly run: NodeRun;
  /** Nodes in the order of the run. */
  readonly nodes: readonly NodeView[];
  /** Where each node is in `nodes`. */
  readonly index: ReadonlyMap<string, number>;
  /** The steps that run once, as soon as they have begun; its name is `@run`. */
  readonly after?: NodeView;
  /** Epoch ms when each node began that is in the middle of it, by its place; 0 for the others. Numbers, because all are asked at every frame. */
  readonly begun: readonly number[];
  /** How many nodes stand how. */
  readonly counts: Readonly<Record<Standing, number>>;
  /** A forward plan of this run, for nodes that have not begun. */
  readonly outline?: Outline;
  /** What was let in last, its nodes as one word. */
  readonly wave?: { readonly wave: Wave; readonly nodes: string };
  readonly durations: Durations;
  readonly startedBy?: string;
  readonly endWhy?: string;
  /** Of the node that is looked at. */
  readonly output?: { readonly node: string; readonly lines: readonly OutputLine[] };
  readonly detail?: { readonly node: string; readonly steps: Readonly<Record<string, StepDetail>> };
  readonly link?: { readonly node: string; readonly latencyMs: number };
  readonly wayBack: Readonly<Record<string, WayBack>>;
  readonly holders?: Holders;
  /** Epoch ms. */
  readonly now: number;
};

/** What the model is told that is no event. */
export type News =
  | { readonly is: 'now'; readonly at: number }
  /** All lines that are kept of a node. */
  | { readonly is: 'output'; readonly node: string; readonly lines: readonly OutputLine[] }
  | { readonly is: 'detail'; readonly node: string; readonly steps: Readonly<Record<string, StepDetail>> }
  | { readonly is: 'link'; readonly node: string; readonly latencyMs: number }
  | { readonly is: 'way-back'; readonly nodes: Readonly<Record<string, WayBack>> }
  | { readonly is: 'holders'; readonly holders: Holders };

const none: Readonly<Record<Standing, number>> = {
  waits: 0,
  failed: 0,
  refused: 0,
  parked: 0,
  paused: 0,
  running: 0,
  pending: 0,
  cancelled: 0,
  'rolled-back': 0,
  succeeded: 0,
};

/** A run before its first event. */
export const startModel = (runId: string, spec: RunSpec, now: number): Model => ({
  runId,
  spec,
  run: emptyRun,
  nodes: spec.nodes.map(newNode),
  index: new Map(spec.nodes.map(({ name }, place) => [name, place])),
  begun: spec.nodes.map(() => 0),
  counts: { ...none, pending: spec.nodes.length },
  durations: { totalMs: 0, count: 0 },
  wayBack: {},
  now,
});

const tellRun = (model: Model, event: NodeEvent): Model => {
  const run = reduce(model.run, event);
  const after = tellNode({ ...(model.after ?? newNode(runNode, model.nodes.length)), run: model.run }, [event]);
  const next: Model = { ...model, run, ...(run.plan !== undefined && { after }) };
  switch (event.type) {
    case 'run.started':
      return { ...next, startedBy: event.by };
    case 'run.wave':
      return { ...next, wave: { wave: event.wave, nodes: nodeSet(Object.keys(event.nodes)) } };
    case 'run.finished': {
      const { endWhy: _endWhy, ...rest } = next;
      return event.why === undefined ? rest : { ...rest, endWhy: event.why };
    }
    default:
      return next;
  }
};

const isMoving = ({ standing }: NodeView): boolean => standing === 'running' || standing === 'parked' || standing === 'waits';

/** How long a node took that succeeded by one of these events. */
const tookBy = (events: readonly NodeEvent[], before: NodeView, after: NodeView): readonly number[] =>
  events.flatMap((event) => {
    if (event.type !== 'node.finished' || event.outcome !== 'succeeded') return [];
    const begun = before.run.startedAt ?? after.run.startedAt;
    return [begun === undefined ? 0 : event.at - begun];
  });

/** Folds events into the model, in the order in which they stand in their streams. So many at once cost little more than the nodes that they are about. */
export const tellAll = (model: Model, told: readonly Told[]): Model => {
  if (told.length === 0) return model;
  const nodes = [...model.nodes];
  const begun = [...model.begun];
  const counts = { ...model.counts };
  let { durations, outline } = model;
  let run = model;
  let now = model.now;
  for (const [stream, its] of Map.groupBy(told, (one) => one.stream)) {
    const events = its.map(({ event }) => event);
    now = Math.max(now, events.at(-1)?.at ?? now);
    const place = model.index.get(stream);
    const old = place === undefined ? undefined : nodes[place];
    if (stream === RUN_STREAM) run = events.reduce(tellRun, run);
    if (place === undefined || old === undefined) continue;
    const node = tellNode(old, events);
    nodes[place] = node;
    begun[place] = isMoving(node) ? (node.run.startedAt ?? now) : 0;
    counts[old.standing] -= 1;
    counts[node.standing] += 1;
    outline ??= node.run.outline;
    for (const ms of tookBy(events, old, node)) durations = { totalMs: durations.totalMs + ms, count: durations.count + 1 };
  }
  return { ...run, nodes, begun, counts, durations, ...(outline && { outline }), now };
};

/** Folds one event into the model. */
export const tell = (model: Model, told: Told): Model => tellAll(model, [told]);

/** Takes in what is no event. */
export const learn = (model: Model, news: News): Model => {
  switch (news.is) {
    case 'now':
      return news.at === model.now ? model : { ...model, now: news.at };
    case 'output':
      return { ...model, output: { node: news.node, lines: news.lines } };
    case 'detail':
      return { ...model, detail: { node: news.node, steps: news.steps } };
    case 'link':
      return { ...model, link: { node: news.node, latencyMs: news.latencyMs } };
    case 'way-back':
      return { ...model, wayBack: { ...model.wayBack, ...news.nodes } };
    case 'holders':
      return { ...model, holders: news.holders };
  }
};
