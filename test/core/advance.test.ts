import { describe, expect, it } from 'vitest';
import { type RunState, advance } from '../../src/core/advance.ts';
import type { RunSpec } from '../../src/core/event.ts';
import { type NodeRun, emptyRun } from '../../src/core/reduce.ts';

const spec = (...names: string[]): RunSpec => ({
  runbook: 'x',
  version: 1,
  params: {},
  nodes: names.map((name) => ({ name, addresses: [], labels: {}, vars: {} })),
  onFailure: 'pause',
  cluster: { context: null },
  ssh: { user: null, port: null, jump: null, identityFile: null, knownHosts: null },
});
const node = (more: Partial<NodeRun>): NodeRun => ({ ...emptyRun, plan: 'forward', ...more });
const touched = { a: { phase: 'verified', attempt: 1, appliedInThisPlan: true, before: 1, appliedOn: 'b1' } } as const;
const state = (more: Partial<RunState>): RunState => ({
  spec: spec('n1', 'n2'),
  nodes: {},
  run: emptyRun,
  hasAfter: false,
  said: {},
  ...more,
});

describe('a run', () => {
  it('begins with its first node and no other', () => {
    expect(advance(state({}))).toEqual({ do: 'work', nodes: ['n1'] });
  });

  it('does not begin the next node before the last has ended as wished', () => {
    expect(advance(state({ nodes: { n1: node({}) } }))).toEqual({ do: 'work', nodes: ['n1'] });
    expect(advance(state({ nodes: { n1: node({ outcome: 'succeeded' }) } }))).toEqual({ do: 'work', nodes: ['n2'] });
  });

  it.each([
    ['failed', 'failed'],
    ['rolled-back', 'rolled-back'],
    ['cancelled', 'cancelled'],
  ] as const)('begins no other node after one that %s', (outcome, ended) => {
    expect(advance(state({ nodes: { n1: node({ outcome }) } }))).toEqual({ do: 'finish', outcome: ended });
  });

  it('halts, and says by whom, when a node only goes on with a word of a person', () => {
    expect(advance(state({ nodes: { n1: node({ stuck: true, parked: 'paused by anna' }) } }))).toEqual({
      do: 'halt',
      why: 'blocked by n1: paused by anna',
    });
  });

  it('does not halt for a node that goes on when the world shows it', () => {
    expect(advance(state({ nodes: { n1: node({ parked: 'move the VM' }) } }))).toEqual({ do: 'work', nodes: ['n1'] });
  });

  it('does what comes once only when all nodes are as wished and one was changed', () => {
    const done = node({ outcome: 'succeeded' });
    expect(advance(state({ hasAfter: true, nodes: { n1: done, n2: done } }))).toEqual({ do: 'finish', outcome: 'succeeded' });
    expect(advance(state({ hasAfter: true, nodes: { n1: done, n2: { ...done, steps: touched } } }))).toEqual({ do: 'after' });
    expect(advance(state({ hasAfter: true, nodes: { n1: { ...done, steps: touched }, n2: node({ outcome: 'failed' }) } }))).toEqual({
      do: 'finish',
      outcome: 'failed',
    });
  });

  it('lets a failed step behind the nodes fail the run, and rolls no node back for it', () => {
    const done = node({ outcome: 'succeeded', steps: touched });
    expect(advance(state({ hasAfter: true, nodes: { n1: done, n2: done }, run: { ...emptyRun, outcome: 'failed' } }))).toEqual({
      do: 'finish',
      outcome: 'failed',
    });
  });

  it('comes back to life when somebody says something to a node of an ended run', () => {
    const run: NodeRun = { ...emptyRun, runOutcome: 'failed' };
    expect(advance(state({ run, nodes: { n1: node({ outcome: 'failed' }) } }))).toBeUndefined();
    expect(advance(state({ run, nodes: { n1: node({ outcome: 'failed' }) }, said: { n1: 'replay' } }))).toEqual({
      do: 'work',
      nodes: ['n1'],
    });
  });

  it('takes nodes back one after another, the last one first, and what came after them before all', () => {
    const done = node({ outcome: 'succeeded' });
    const back = { n1: 'rollback', n2: 'rollback' } as const;
    const run: NodeRun = { ...emptyRun, plan: 'forward', outcome: 'succeeded', runOutcome: 'succeeded' };
    expect(advance(state({ run, nodes: { n1: done, n2: done }, said: { ...back, '@run': 'rollback' } }))).toEqual({ do: 'after' });
    const going: NodeRun = { ...emptyRun, plan: 'rollback' };
    expect(advance(state({ run: going, nodes: { n1: done, n2: done }, said: back }))).toEqual({ do: 'after' });
    expect(advance(state({ nodes: { n1: done, n2: done }, said: back }))).toEqual({ do: 'work', nodes: ['n2'] });
    expect(advance(state({ nodes: { n1: done, n2: node({ plan: 'rollback' }) }, said: { n1: 'rollback' } }))).toEqual({
      do: 'work',
      nodes: ['n2'],
    });
    expect(advance(state({ nodes: { n1: done, n2: node({ outcome: 'rolled-back' }) }, said: { n1: 'rollback' } }))).toEqual({
      do: 'work',
      nodes: ['n1'],
    });
  });

  it('lets every node that is at work hear at once what was said', () => {
    expect(advance(state({ nodes: { n1: node({}) }, said: { n1: 'pause', n2: 'pause' } }))).toEqual({ do: 'work', nodes: ['n1', 'n2'] });
  });
});
