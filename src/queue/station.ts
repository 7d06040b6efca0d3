import type { RunSpec } from '../core/event.ts';
import type { ClusterChannel, Clock, ControlChannel, Journal, NodeChannel, NodeMemory, Notifier } from '../core/ports.ts';
import type { Runbook } from '../core/runbook.ts';
import type { World } from '../engine/world.ts';
import type { Leases } from './lease.ts';
import type { RunViews } from './run-view.ts';
import type { Wakes } from './wakes.ts';

/** The channels of one run, kept and reused by a worker. */
export type Channels = {
  node(name: string): NodeChannel;
  readonly cluster: ClusterChannel;
  readonly control: ControlChannel;
  /** Absent where the run tells nobody. */
  readonly notifier?: Notifier;
};

/** What a worker works with: the world's edges, opened once. */
export type Station = {
  readonly journal: Journal;
  readonly leases: Leases;
  readonly views: RunViews;
  readonly wakes: Wakes;
  readonly memory: NodeMemory;
  readonly clock: Clock;
  /** Names this worker in leases and journals: host, pid and a random part. */
  readonly owner: string;
  /** Aborts when this worker is about to stop: holds then end between two actions. */
  readonly leaving?: AbortSignal;
  /** @throws UsageError when this worker does not have it */
  runbook(name: string): Promise<Runbook>;
  channels(runId: string, spec: Pick<RunSpec, 'cluster' | 'ssh' | 'notify'>): Channels;
  /** Closes the channels of a run. */
  leave(runId: string): Promise<void>;
  sha256(text: string): string;
  nonce(): string;
};

/** The world of one hold: a node of a run, or null for what runs once and has no ssh. */
export const worldOf = (station: Station, channels: Channels, node: string | null): World => ({
  node: node === null ? null : channels.node(node),
  cluster: channels.cluster,
  control: channels.control,
  ...(channels.notifier && { notifier: channels.notifier }),
  journal: station.journal,
  memory: station.memory,
  clock: station.clock,
  sha256: (text) => station.sha256(text),
  nonce: () => station.nonce(),
});

/** How long a lease lasts without renewal. A worker that died is replaced after about this time. */
export const LEASE_MS = 8000;
