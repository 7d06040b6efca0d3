import { describe, expect, test } from 'vitest';
import type { DrainPod } from '../../src/facts/pods-to-drain.ts';
import { type AffectedPod, judgePods } from '../../src/steps/pods-affected.ts';

type Parts = Parameters<typeof judgePods>[0];

const pod = (name: string, more: Partial<DrainPod> = {}): DrainPod => ({
  budgets: [],
  controller: { kind: 'ReplicaSet', name },
  emptyDirs: [],
  ending: null,
  job: null,
  mirror: false,
  name,
  namespace: 'shop',
  orphan: false,
  phase: 'Running',
  ready: true,
  toleratesCordon: false,
  uid: name,
  ...more,
});

/** 1.6.14 runs since the second day; the pods were made on the third. */
const partsOf = (pods: readonly DrainPod[], more: Partial<Parts> = {}): Parts => ({
  births: Object.fromEntries(
    pods.map(({ name, uid }) => [uid, { created: '2023-01-03T00:00:00Z', hostNetwork: false, ip: '10.244.0.7', pod: name }]),
  ),
  containerd: { at: '2023-01-02T00:00:00Z', settled: true, sinceBootMs: 86_400_000 },
  history: {
    bootedAt: '2023-01-01T00:00:00Z',
    installs: [{ at: '2023-01-02T00:00:00Z', before: '1.6.8-1', package: 'containerd.io', version: '1.6.14-1' }],
  },
  kubelet: { at: '2023-01-01T00:00:00Z', settled: true, sinceBootMs: 5000 },
  pods: { budgets: {}, pods },
  replicas: {},
  runtime: { installed: '1.6.14', running: '1.6.14' },
  ...more,
});
const judged = (pods: readonly DrainPod[], more: Partial<Parts> = {}, deleteEmptyDir = false): readonly AffectedPod[] =>
  judgePods(partsOf(pods, more), { bad: ['1.6.14'], deleteEmptyDir }).affected;
const one = (of: Partial<DrainPod>, deleteEmptyDir = false): Partial<AffectedPod> | undefined =>
  judged([pod('p', of)], {}, deleteEmptyDir)[0];

describe('the pods of a bad containerd', () => {
  test('are those made while it ran, and none on the network of the host, nor any that has ended', () => {
    const pods = [pod('a'), pod('early'), pod('host'), pod('done', { phase: 'Succeeded' }), pod('dead', { phase: 'Failed' })];
    const { births } = partsOf(pods);
    const early = { created: '2023-01-01T12:00:00Z', hostNetwork: false, ip: '', pod: 'early' };
    const host = { created: '2023-01-03T00:00:00Z', hostNetwork: true, ip: '', pod: 'host' };
    expect(judged(pods, { births: { ...births, early, host } }).map(({ name, why }) => `${name} ${why}`)).toEqual([
      'a made while 1.6.14 ran',
    ]);
  });

  test('are none once the kubelet was started behind a good containerd: it has made anew what was lost', () => {
    const good = {
      runtime: { installed: '1.6.18', running: '1.6.18' },
      containerd: { at: '2023-01-05T00:00:00Z', settled: true, sinceBootMs: 345_600_000 },
    };
    expect(judged([pod('a')], good)).toHaveLength(1);
    const kubelet = { at: '2023-01-05T00:00:10Z', settled: true, sinceBootMs: 345_610_000 };
    expect(judged([pod('a')], { ...good, kubelet })).toEqual([]);
    // behind a bad one it has made them anew by that
    expect(judged([pod('a')], { kubelet })).toHaveLength(1);
  });

  test('cannot be told while containerd does not answer', () => {
    const { affected, unclear } = judgePods(partsOf([pod('a')], { runtime: { installed: '1.6.14', running: null } }), { bad: ['1.6.14'] });
    expect({ affected, unclear }).toEqual({ affected: [], unclear: 'containerd does not run, or does not answer' });
  });

  test.each([
    ['of a ReplicaSet', {}, 'evict', false],
    ['of a DaemonSet, which comes back here', { controller: { kind: 'DaemonSet', name: 'agent' } }, 'evict', true],
    ['of a DaemonSet that is gone', { controller: { kind: 'DaemonSet', name: 'agent' }, orphan: true }, /nobody would make it anew/, false],
    ['without a controller', { controller: null }, /it has no controller/, false],
    ['of a CI job', { controller: null, job: { id: '3', name: 'b', url: '' } }, /it is a CI job, let it end/, false],
    ['of a Job', { controller: { kind: 'Job', name: 'sum' } }, /would begin anew: let it end/, false],
    [
      'of a controller that drover does not know',
      { controller: { kind: 'CloneSet', name: 'web' } },
      /cannot see when a new one is Ready/,
      false,
    ],
    ['that the kubelet runs from a file', { controller: null, mirror: true }, /\/etc\/kubernetes\/manifests/, true],
  ] as const)('are restarted as fits one %s', (_what, of, how, here) => {
    const found = one(of);
    expect(found?.here).toBe(here);
    if (typeof how === 'string') expect(found?.how).toBe(how);
    else expect(found?.how).toEqual({ person: expect.stringMatching(how) });
  });

  test('are refused with two budgets, or with data that would be lost', () => {
    expect(one({ budgets: ['a', 'b'] })?.refused).toContain('more than one PodDisruptionBudget (shop/a, shop/b)');
    expect(one({ emptyDirs: ['tmp'] })?.refused).toContain('emptyDir tmp');
    expect(one({ emptyDirs: ['tmp'] }, true)?.refused).toBeNull();
  });

  test('come with the controllers that a restart waits for, and with those that have too few', () => {
    const replicas = {
      'ReplicaSet shop/a': { desired: 2, ready: 2 },
      'ReplicaSet other/b': { desired: 3, ready: 3 },
      'StatefulSet shop/c': { desired: 2, ready: 1 },
    };
    const agent = { controller: { kind: 'DaemonSet', name: 'agent' } };
    const ending = { at: '2023-01-03T00:00:30Z', graceSeconds: 30 };
    const { controllers } = judgePods(
      partsOf([pod('a'), pod('d1', { ...agent, ending }), pod('d2', { ...agent, ready: false })], { replicas }),
      { bad: ['1.6.14'] },
    );
    expect(controllers).toEqual({
      'DaemonSet shop/agent': { desired: 1, ready: 0 },
      'ReplicaSet shop/a': { desired: 2, ready: 2 },
      'StatefulSet shop/c': { desired: 2, ready: 1 },
    });
  });
});
