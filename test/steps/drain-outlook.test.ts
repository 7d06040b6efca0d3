import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import type { Demand, RoomNode } from '../../src/facts/room.ts';
import { drain } from '../../src/steps/drain.ts';
import { homeless } from '../../src/steps/find-room.ts';

const GI = 2 ** 30;
const node = (name: string, more: Partial<RoomNode> = {}): RoomNode => ({
  free: { cpu: 4000, memory: 8 * GI, pods: 100 },
  labels: { 'kubernetes.io/hostname': name },
  name,
  ready: true,
  taints: [],
  unschedulable: false,
  ...more,
});
const pod = (name: string, more: Partial<Demand> = {}): Demand => ({
  cpu: 100,
  memory: GI,
  pod: `ci/${name}`,
  selector: {},
  terms: null,
  tolerations: [],
  ...more,
});
const lost = (demands: readonly Demand[], nodes: readonly RoomNode[]): readonly string[] =>
  homeless(
    { demands, nodes },
    demands.map((one) => one.pod),
  );

describe('the room for pods that move', () => {
  test('is used up by those that move with them', () => {
    const nodes = [
      node('n2', { free: { cpu: 4000, memory: 2 * GI, pods: 100 } }),
      node('n3', { free: { cpu: 150, memory: 8 * GI, pods: 1 } }),
    ];
    expect(lost([pod('a'), pod('b'), pod('c')], nodes)).toEqual([]);
    expect(lost([pod('a'), pod('b'), pod('c'), pod('d')], nodes)).toEqual([
      'ci/d finds no other node now: 1 has too little memory left, 1 has as many pods as it takes',
    ]);
  });

  test('is not on nodes that are cordoned, not Ready, tainted or of other labels', () => {
    const gpu = { effect: 'NoSchedule', key: 'gpu', value: 'yes' };
    const nodes = [node('n2', { unschedulable: true }), node('n3', { ready: false }), node('n4', { taints: [gpu] })];
    expect(lost([pod('a')], nodes)).toEqual(['ci/a finds no other node now: 1 is cordoned, 1 is not Ready, 1 has the taint gpu']);
    expect(lost([pod('a', { tolerations: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] })], nodes)).toEqual([]);
    expect(lost([pod('a', { tolerations: [{ key: 'gpu', value: 'no' }] })], nodes)).toHaveLength(1);
    expect(lost([pod('a', { tolerations: [{ operator: 'Exists' }] })], nodes)).toEqual([]);
    expect(lost([pod('a')], [])).toEqual(['ci/a finds no other node now: there is none']);
  });

  test('goes by selectors and required affinity, of which one term is enough', () => {
    const nodes = [node('n2', { labels: { zone: 'a', cores: '16' } })];
    const asks = (...terms: readonly Json[]): readonly string[] => lost([pod('a', { terms })], nodes);
    const expression = (key: string, operator: string, ...values: readonly string[]): Json => ({
      matchExpressions: [{ key, operator, values }],
    });
    expect(lost([pod('a', { selector: { zone: 'b' } })], nodes)).toEqual([
      'ci/a finds no other node now: 1 has not the labels that it asks for',
    ]);
    expect(asks(expression('zone', 'In', 'b'), expression('cores', 'Gt', '8'))).toEqual([]);
    expect(asks(expression('cores', 'Lt', '8'))).toHaveLength(1);
    expect(asks({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n2'] }] })).toEqual([]);
    expect(asks({})).toHaveLength(1);
  });
});

describe('the outlook of a drain', () => {
  const base = {
    controller: { kind: 'ReplicaSet', name: 'web' },
    budgets: [],
    emptyDirs: [],
    ending: null,
    job: null,
    mirror: false,
    namespace: 'ci',
    orphan: false,
    phase: 'Running',
    ready: true,
    toleratesCordon: false,
  };
  const here = { name: 'n1', addresses: [], labels: {}, vars: {} };
  const ctx = { runId: 'r', direction: 'forward', node: here, answers: {}, awaiting: [] } as const;

  test('tells who blocks, what is lost, what is waited for, and who finds no room', () => {
    const budgets = {
      'ci/keep': { currentHealthy: 1, desiredHealthy: 1, disruptionsAllowed: 0, expectedPods: 2, unhealthy: 'IfHealthyBudget' },
    };
    const pods = [
      { ...base, name: 'kept', uid: '1', budgets: ['keep'] },
      { ...base, name: 'bare', uid: '2', controller: null, emptyDirs: ['x'] },
      { ...base, name: 'job', uid: '3', controller: null, job: { id: '7', name: '', url: '' } },
      { ...base, name: 'big', uid: '4' },
    ];
    const room = { demands: [pod('big', { memory: 64 * GI }), pod('kept')], nodes: [node('n2')] };
    const step = drain({ force: true, deleteEmptyDir: true });
    expect(step.outlook?.words({ drain: { budgets, pods }, room }, ctx)).toEqual([
      'PodDisruptionBudget ci/keep keeps ci/kept: it needs 1 healthy pods and has 1 of 2',
      'nobody makes anew: ci/bare',
      'local data is lost: ci/bare',
      'ci/job runs CI job 7: it is waited for',
      'ci/big finds no other node now: 1 has too little memory left',
      expect.stringContaining('the others find room (not looked at: affinity between pods'),
    ]);
    expect(drain({ disableEviction: true }).outlook?.words({ drain: { budgets, pods: pods.slice(0, 1) }, room }, ctx)).toEqual([
      expect.stringContaining('all that move find room on other nodes'),
    ]);
  });

  test('has nothing to say of an empty node', () => {
    expect(drain().outlook?.words({ drain: { budgets: {}, pods: [] }, room: { demands: [], nodes: [] } }, ctx)).toEqual([]);
  });
});
