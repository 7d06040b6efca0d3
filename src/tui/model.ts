import type { NodeEvent, Outcome, RunSpec, Wave } from '../core/event.ts';
import type { Node } from '../core/node.ts';
import type { Outline } from '../core/plan.ts';
import type { NodeRun } from '../core/reduce.ts';

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
  /** How many nodes stand how. */
  readonly counts: Readonly<Record<Standing, number>>;
  /** A forward plan of this run, for nodes that have not begun. */
  readonly outline?: Outline;
  readonly wave?: { readonly wave: Wave; readonly nodes: readonly string[] };
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
