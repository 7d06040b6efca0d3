import { type Control, type RunSpec, noSshSettings } from '../../src/core/event.ts';
import { type NodeRun, emptyRun } from '../../src/core/reduce.ts';
import type { Rollout } from '../../src/core/rollout.ts';
import type { Health, RunState } from '../../src/core/standing.ts';

/** A run of nodes n1…, one after another unless told otherwise. */
export const specOf = (count: number, rollout: Partial<Rollout> = {}): RunSpec => ({
  runbook: 'x',
  version: 1,
  params: {},
  nodes: Array.from({ length: count }, (_, index) => ({
    name: `n${index + 1}`,
    addresses: [],
    labels: { rack: `${Math.floor(index / 2)}` },
    vars: {},
  })),
  onFailure: 'pause',
  rollout: { canary: 0, maxUnavailable: 1, maxFailures: 0, ...rollout },
  cluster: { context: null },
  ssh: noSshSettings,
});

/** A node whose gates held and that has not begun. */
export const waiting: NodeRun = { ...emptyRun, preflight: [] };
/** A node at work. */
export const going = (more: Partial<NodeRun> = {}): NodeRun => ({ ...waiting, plan: 'forward', ...more });
/** A node that ended once. */
export const ended = (outcome: NonNullable<NodeRun['outcome']>, more: Partial<NodeRun> = {}): NodeRun =>
  going({ outcome, round: 1, endedAt: 1000, ...more });
/** What a person said. */
export const word = (type: 'pause' | 'resume' | 'cancel' | 'rollback' | 'replay', id = '5-0'): Control => ({ type, by: 'anna', id, at: 5 });
export const ready: Health = { ready: true, why: '' };
export const ill: Health = { ready: false, why: 'not Ready in the cluster (Ready is Unknown)' };

/** All nodes wait, Kubernetes has nothing to say. */
export const stateOf = (spec: RunSpec, nodes: Readonly<Record<string, NodeRun>> = {}, more: Partial<RunState> = {}): RunState => ({
  spec,
  nodes: { ...Object.fromEntries(spec.nodes.map(({ name }) => [name, waiting])), ...nodes },
  run: emptyRun,
  hasAfter: false,
  said: {},
  back: false,
  health: null,
  now: 10_000,
  ...more,
});
