import type { ClusterChannel, Clock, ControlChannel, Journal, NodeChannel, NodeMemory, Notifier } from '../core/ports.ts';
import type { Node } from '../core/node.ts';
import type { Outcome } from '../core/event.ts';
import type { NoticeSettings } from '../core/notice.ts';
import type { Plan } from '../core/plan.ts';
import type { NodeRun } from '../core/reduce.ts';

/** What the engine needs from outside; each part has one real and one simulated or in-memory implementation. */
export type World = {
  /** Null for what runs once for the run: there is no ssh. */
  readonly node: NodeChannel | null;
  readonly cluster: ClusterChannel;
  readonly control: ControlChannel;
  readonly journal: Journal;
  readonly memory: NodeMemory;
  readonly clock: Clock;
  /** Absent where nobody is to be told. */
  readonly notifier?: Notifier;
  /** Hex digest of a text. */
  sha256(text: string): string;
  /** A word that nobody else uses. */
  nonce(): string;
};

/** One hold of one node: what to do, and by what right. */
export type Assignment = {
  readonly runId: string;
  readonly node: Node;
  /** The forward plan, laid out anew from the runbook by this worker. */
  readonly plan: Plan;
  readonly onFailure: 'rollback' | 'pause';
  /** Of the lease; raised with every hold. */
  readonly fence: number;
  /**
   * Set where the last holder was not heard of any more and may only be frozen: the node is claimed at the first contact, so that nothing that
   * one has sent is let in later; called when that is done.
   */
  readonly claimed?: () => Promise<void>;
  /** Who holds it: the worker's name, for the journal. */
  readonly by: string;
  /** Aborts when the lease is lost or the worker has to stop: what is at work on the node is ended. */
  readonly signal: AbortSignal;
  /** Aborts when the worker is about to stop: the hold ends between two actions. */
  readonly leaving?: AbortSignal | undefined;
  /** Whether the run lets the node act in this round; until then its gates are asked, once, and nothing else. */
  admits(run: NodeRun): boolean;
  /** A node of a run, which is let in round by round; what happens once for the run is not. */
  readonly inRounds?: boolean;
  /** How people are told that something waits for them; absent: not at all. */
  readonly notices?: NoticeSettings & { readonly runbook: string };
  /** The node was half-way when the run began: what it found as wished has no way back. */
  readonly adopted?: true;
  /** How long one hold may poll before it gives its slot back; the wait goes on without one. */
  readonly holdMs: number;
};

/** How a hold ended. */
export type Ended =
  | { readonly kind: 'finished'; readonly outcome: Outcome }
  /** `wakeInMs` null: only what a person says wakes it; `remindInMs` is then when people are to be reminded, where they are. */
  | { readonly kind: 'waiting'; readonly waitsFor: string; readonly wakeInMs: number | null; readonly remindInMs?: number }
  /** Somebody newer has the node: stop quietly. `nodeFence` is what the node itself has stored, where it was the node that refused. */
  | { readonly kind: 'replaced'; readonly why: string; readonly nodeFence?: number }
  | { readonly kind: 'stopped' };
