import { describe, expect, test } from 'vitest';
import { questions, readFact } from '../../src/core/fact.ts';
import type { Json } from '../../src/core/json.ts';
import { podsToDrain } from '../../src/facts/pods-to-drain.ts';
import { quantity } from '../../src/facts/quantity.ts';
import { room } from '../../src/facts/room.ts';

const listOf = (...items: readonly Json[]) => ({ response: { status: 200, body: { items } } });
const named = (name: string, more: { readonly [key: string]: Json } = {}): { readonly [key: string]: Json } => ({
  name,
  namespace: 'ci',
  ...more,
});
const owned = (kind: string, name: string): Json => [{ kind, name, controller: true }];

describe('the pods to drain', () => {
  test('come with the budgets that choose them, and with nothing of the rest of the cluster', () => {
    const fact = podsToDrain('n1', 'app!=x');
    expect(questions(fact).map((question) => question.via === 'kubernetes' && question.path)).toEqual([
      '/apis/policy/v1/poddisruptionbudgets',
      '/apis/apps/v1/daemonsets',
      '/api/v1/pods?fieldSelector=spec.nodeName%3Dn1&labelSelector=app!%3Dx',
    ]);
    const budget = (name: string, selector: Json, namespace = 'ci'): Json => ({
      metadata: { name, namespace },
      spec: { selector },
      status: { disruptionsAllowed: 1 },
    });
    const web = { matchLabels: { app: 'web' } };
    const budgets = listOf(
      budget('web', web),
      budget('tier', { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['db'] }] }),
      budget('none', null),
      budget('web', web, 'other'),
    );
    const state = readFact(fact, [
      budgets,
      listOf({ metadata: named('agent') }),
      listOf(
        { metadata: named('a', { labels: { app: 'web' } }) },
        { metadata: named('d1', { ownerReferences: owned('DaemonSet', 'agent'), labels: { tier: 'db' } }) },
        { metadata: named('d2', { ownerReferences: owned('DaemonSet', 'gone'), labels: { tier: 'db' } }) },
      ),
    ]);
    expect(state).toMatchObject({
      budgets: { 'ci/tier': { disruptionsAllowed: 1 }, 'ci/web': { disruptionsAllowed: 1 } },
      pods: [
        { name: 'a', budgets: ['tier', 'web'], orphan: false },
        { name: 'd1', budgets: [], orphan: false },
        { name: 'd2', budgets: [], orphan: true },
      ],
    });
    expect(state).not.toHaveProperty(['budgets', 'other/web']);
  });
});

describe('the room of a cluster', () => {
  test('is what requests leave of each other node', () => {
    const requests = (cpu: string, memory: string): Json => ({ resources: { requests: { cpu, memory } } });
    const pod = (name: string, nodeName: string, spec: { readonly [key: string]: Json }): Json => ({
      metadata: named(name),
      spec: { nodeName, ...spec },
    });
    const sidecar = { restartPolicy: 'Always', resources: { requests: { cpu: '100m' } } };
    const state = readFact(room('n1'), [
      listOf(
        { metadata: { name: 'n1' }, status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } } },
        {
          metadata: { name: 'n2', labels: { zone: 'a' } },
          spec: {
            taints: [
              { key: 'soft', effect: 'PreferNoSchedule' },
              { key: 'gpu', value: 'yes', effect: 'NoSchedule' },
            ],
          },
          status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' }, conditions: [{ type: 'Ready', status: 'True' }] },
        },
      ),
      listOf(
        pod('moves', 'n1', { containers: [requests('250m', '1Gi'), requests('250m', '512Mi')], initContainers: [requests('2', '64Mi')] }),
        pod('stays', 'n2', { containers: [requests('1', '2Gi')], initContainers: [sidecar], overhead: { cpu: '50m', memory: '1Gi' } }),
        { metadata: named('pending'), spec: { containers: [requests('3', '6Gi')] } },
      ),
    ]);
    expect(state).toEqual({
      demands: [{ cpu: 2000, memory: 1.5 * 2 ** 30, pod: 'ci/moves', selector: {}, terms: null, tolerations: [] }],
      nodes: [
        {
          free: { cpu: 2850, memory: 5 * 2 ** 30, pods: 109 },
          labels: { zone: 'a' },
          name: 'n2',
          ready: true,
          taints: [{ effect: 'NoSchedule', key: 'gpu', value: 'yes' }],
          unschedulable: false,
        },
      ],
    });
  });

  test('reads quantities as the API writes them, and nothing else', () => {
    expect(['250m', '1.5Gi', '1e3', '2', '100k', '1Ei', '5E'].map(quantity)).toEqual([
      0.25,
      1.5 * 2 ** 30,
      1000,
      2,
      100_000,
      2 ** 60,
      5e18,
    ]);
    expect([quantity(null), quantity(3)]).toEqual([0, 3]);
    expect(() => quantity('a lot')).toThrow('no quantity: "a lot"');
  });
});
