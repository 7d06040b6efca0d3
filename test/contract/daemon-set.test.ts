import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiRequest, ApiResponse } from '../../src/core/action.ts';
import { type Json, isJsonObject } from '../../src/core/json.ts';
import type { Change, StepContext } from '../../src/core/step.ts';
import { field, number } from '../../src/facts/api-object.ts';
import { type DaemonSetState, daemonSet } from '../../src/facts/daemon-set.ts';
import { moduleLoader } from '../../src/steps/module-loader.ts';
import { apiServerGround } from './drain-api.ts';
import type { DrainGround } from './drain-ground.ts';
import { simulatedGround } from './drain-sim.ts';

const within = { signal: new AbortController().signal, timeoutMs: 20_000 };
const NAME = 'loader';
const SETS = '/apis/apps/v1/namespaces/sets/daemonsets';
const ctx = {
  runId: 'r1',
  direction: 'forward',
  node: { name: '@run', addresses: [], labels: {}, vars: {} },
  answers: {},
  awaiting: [],
} as const satisfies StepContext;
const loader = (required: readonly string[], name = NAME): Change =>
  moduleLoader({ namespace: 'sets', name, image: 'registry.example.org/busybox:1', required, optional: ['xt_owner'] });

/** What the API does with DaemonSets, whichever it is: what the step writes is taken, and what it must not do is refused. */
const daemonSetContract = (what: string, make: () => Promise<DrainGround>): void => {
  let ground: DrainGround;
  beforeAll(async () => {
    ground = await make();
    await call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'sets' } });
  }, 150_000);
  afterAll(() => ground[Symbol.asyncDispose]());
  const call = (method: ApiRequest['method'], path: string, body?: Json): Promise<ApiResponse> =>
    ground.cluster.call({ via: 'kubernetes', method, path, ...(body !== undefined && { body }) }, within);
  const look = async (name = NAME): Promise<DaemonSetState> => {
    const fact = daemonSet('sets', name);
    return fact.parse(await ground.cluster.call(fact.call, within));
  };
  const act = async (step: Change, name = NAME): Promise<readonly number[]> => {
    const statuses: number[] = [];
    for (const action of step.apply(await look(name), ctx))
      if (action.via === 'kubernetes') statuses.push((await ground.cluster.call(action, within)).status);
    return statuses;
  };
  const back = async (step: Change, before: DaemonSetState, now: DaemonSetState): Promise<readonly number[]> => {
    const actions = step.rollback(before, ctx, now);
    if (actions === 'impossible') throw new Error('there is a way back');
    const statuses: number[] = [];
    for (const action of actions) if (action.via === 'kubernetes') statuses.push((await ground.cluster.call(action, within)).status);
    return statuses;
  };
  const unmet = async (step: Change): Promise<readonly string[]> => {
    const now = await look();
    return step.unmet(now, now, ctx);
  };

  describe(`DaemonSets of ${what}`, { timeout: 60_000 }, () => {
    test('are created as wished, filled in with defaults, and found as wished again', async () => {
      const step = loader(['iptable_nat']);
      expect(await look()).toBe(null);
      expect(await act(step)).toEqual([201]);
      expect(await unmet(step)).toEqual([]);
      const { body } = await call('GET', `${SETS}/${NAME}`);
      expect(field(body, 'metadata', 'generation')).toBe(1);
      expect(field(body, 'spec')).toMatchObject({
        revisionHistoryLimit: 10,
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
        template: {
          spec: {
            restartPolicy: 'Always',
            dnsPolicy: 'ClusterFirst',
            schedulerName: 'default-scheduler',
            terminationGracePeriodSeconds: 30,
          },
        },
      });
      expect(field(body, 'spec', 'template', 'spec', 'containers')).toMatchObject([
        { imagePullPolicy: 'IfNotPresent', terminationMessagePolicy: 'File' },
      ]);
      expect(field(body, 'spec', 'template', 'spec', 'volumes')).toMatchObject([{ hostPath: { path: '/', type: '' } }]);
    });

    test('are changed as a compare-and-set: the generation rises, and one that was read before is refused', async () => {
      const step = loader(['iptable_nat', 'br_netfilter']);
      const stale = await look();
      expect(await unmet(step)).toEqual(['spec.template.spec.initContainers[0].command of the DaemonSet sets/loader is not as wished']);
      expect(await act(step)).toEqual([200]);
      expect(await unmet(step)).toEqual([]);
      expect(number(field((await call('GET', `${SETS}/${NAME}`)).body, 'metadata', 'generation'))).toBe(2);
      const late = step.apply(stale, ctx);
      expect(late).toHaveLength(1);
      for (const action of late) if (action.via === 'kubernetes') expect((await ground.cluster.call(action, within)).status).toBe(409);
      expect(await act(step)).toEqual([200]);
      expect(number(field((await call('GET', `${SETS}/${NAME}`)).body, 'metadata', 'generation'))).toBe(2);
    });

    test('go back to what they were, defaults and all', async () => {
      const [first, second] = [loader(['iptable_nat']), loader(['iptable_nat', 'br_netfilter'])];
      await act(first);
      const before = await look();
      await act(second);
      const now = await look();
      expect(second.restored?.(now, before, ctx)).toHaveLength(1);
      expect(await back(second, before, now)).toEqual([200]);
      expect(second.restored?.(await look(), before, ctx)).toEqual([]);
      expect(await unmet(first)).toEqual([]);
    });

    test('are not created twice, and a merge patch with an old version is refused', async () => {
      const { body } = await call('GET', `${SETS}/${NAME}`);
      const created = { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: NAME, namespace: 'sets' }, spec: field(body, 'spec') };
      expect((await call('POST', SETS, created)).status).toBe(409);
      const patch = (resourceVersion: Json): Json => ({ metadata: { resourceVersion, labels: { a: 'b' } } });
      expect((await call('PATCH', `${SETS}/${NAME}`, patch('1'))).status).toBe(409);
      const good = await call('PATCH', `${SETS}/${NAME}`, patch(field(body, 'metadata', 'resourceVersion')));
      expect([good.status, field(good.body, 'metadata', 'labels', 'a')]).toEqual([200, 'b']);
      // no change of the spec, no new generation
      expect(field(good.body, 'metadata', 'generation')).toBe(field(body, 'metadata', 'generation'));
    });

    test('are refused when they make no sense, and keep their selector', async () => {
      const { body } = await call('GET', `${SETS}/${NAME}`);
      const spec = field(body, 'spec');
      const of = (more: { readonly [key: string]: Json }): Json => ({
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { name: 'other', namespace: 'sets' },
        spec: { ...(isJsonObject(spec) ? spec : {}), ...more },
      });
      await expect(call('POST', SETS, of({ selector: null }))).rejects.toMatchObject({ detail: { status: 422 } });
      await expect(call('POST', SETS, of({ selector: { matchLabels: { app: 'x' } } }))).rejects.toMatchObject({ detail: { status: 422 } });
      await expect(
        call('PATCH', `${SETS}/${NAME}`, {
          spec: { selector: { matchLabels: { app: 'x' } }, template: { metadata: { labels: { app: 'x' } } } },
        }),
      ).rejects.toMatchObject({ detail: { status: 422 } });
    });

    test('that are not drover’s own are left alone', async () => {
      await call('PATCH', `${SETS}/${NAME}`, { metadata: { labels: { 'app.kubernetes.io/managed-by': 'helm' } } });
      expect((await unmet(loader(['iptable_raw'])))[0]).toContain("is there and is not drover's");
      expect(await act(loader(['iptable_raw']))).toEqual([]);
      expect(await back(loader(['iptable_raw']), null, await look())).toEqual([]);
      await call('PATCH', `${SETS}/${NAME}`, { metadata: { labels: { 'app.kubernetes.io/managed-by': 'drover' } } });
    });

    test('are removed by the way back, by uid and version, and only then', async () => {
      const step = loader(['iptable_nat']);
      const now = await look();
      if (!now) throw new Error('there is none');
      expect(await back(step, null, { ...now, uid: '11111111-2222-3333-4444-555555555555' })).toEqual([409]);
      expect(await back(step, null, { ...now, resourceVersion: '1' })).toEqual([409]);
      expect(await back(step, null, now)).toEqual([200]);
      expect(await look()).toBe(null);
      expect(step.restored?.(null, null, ctx)).toEqual([]);
      expect((await call('DELETE', `${SETS}/${NAME}`)).status).toBe(404);
    });
  });
};

daemonSetContract('the simulated cluster', simulatedGround);

const assets = process.env['KUBEBUILDER_ASSETS'] ?? '';
if (assets !== '') daemonSetContract('a real API server', () => apiServerGround(assets));
