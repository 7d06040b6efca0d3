import { describe, expect, test } from 'vitest';
import { ClusterError } from '../../src/core/error.ts';
import { type Eviction, answeredEviction, evictionCall, refusedEviction } from '../../src/core/eviction.ts';

const pod: Eviction = { by: 'evict', namespace: 'ci', name: 'web-1', uid: 'u1', budgets: ['keep'] };
const refusal = (status: number | null, more: object = {}, transient = false): ClusterError =>
  new ClusterError('it was refused', { transient, detail: { status, ...more } });
const later = (by: string, why: string) => ({ kind: 'later', blocker: { pod: 'ci/web-1', by, why } });

describe('an eviction', () => {
  test('names the uid that it means, and the time only where it is told one', () => {
    expect(evictionCall(pod)).toMatchObject({
      method: 'POST',
      path: '/api/v1/namespaces/ci/pods/web-1/eviction',
      body: { apiVersion: 'policy/v1', kind: 'Eviction', deleteOptions: { preconditions: { uid: 'u1' } } },
    });
    expect(evictionCall(pod).body).not.toHaveProperty('deleteOptions.gracePeriodSeconds');
    expect(evictionCall({ ...pod, by: 'delete', graceSeconds: 0 })).toMatchObject({
      method: 'DELETE',
      path: '/api/v1/namespaces/ci/pods/web-1',
      body: { gracePeriodSeconds: 0, preconditions: { uid: 'u1' } },
    });
  });

  test('is over when the pod is not there any more, or another one is', () => {
    expect([201, 200, 404, 409].map((status) => answeredEviction({ status, body: null }).kind)).toEqual(['going', 'going', 'gone', 'gone']);
  });

  test('waits for the budget that the API names, also while its controller is behind', () => {
    const message = 'The disruption budget other needs 2 healthy pods and has 2 currently';
    const causes = [{ reason: 'DisruptionBudget', message }];
    const why = 'it needs 2 healthy pods and has 2 currently';
    expect(refusedEviction(pod, refusal(429, { causes }, true))).toEqual(later('PodDisruptionBudget ci/other', why));
    const behind = 'The disruption budget keep is still being processed by the server.';
    expect(refusedEviction(pod, refusal(429, { causes: [{ reason: 'DisruptionBudget', message: behind }] }, true))).toEqual(
      later('PodDisruptionBudget ci/keep', 'it is still being processed by the server.'),
    );
  });

  test('does not blame a budget for an API server that is asked too much', () => {
    expect(refusedEviction(pod, refusal(429, {}, true))).toEqual(later('the API server', 'it was refused'));
    expect(refusedEviction(pod, refusal(null, {}, true))).toEqual(later('the API server', 'it was refused'));
  });

  test('waits for a namespace that is about to go, but not for rights that are missing', () => {
    const causes = [{ reason: 'NamespaceTerminating', message: 'namespace ci is being terminated' }];
    expect(refusedEviction(pod, refusal(403, { causes }))).toMatchObject({ kind: 'later', blocker: { by: 'namespace ci' } });
    expect(refusedEviction(pod, refusal(403))).toEqual({ kind: 'never', why: 'ci/web-1: it was refused' });
  });

  test('never comes about with two budgets, whatever else a 500 means', () => {
    const said = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    const two = refusedEviction({ ...pod, budgets: ['keep', 'too'] }, refusal(500, { said }, true));
    expect(two).toMatchObject({ kind: 'never', why: expect.stringContaining('(ci/keep, ci/too)') });
    expect(refusedEviction(pod, refusal(500, {}, true))).toMatchObject({ kind: 'later' });
  });
});
