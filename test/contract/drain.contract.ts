import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Step } from '../../src/core/step.ts';
import { memoryJournal } from '../../src/journal/memory.ts';
import { type DrainOptions, drain } from '../../src/steps/drain.ts';
import { jobsContract } from './jobs.contract.ts';
import { type DrainGround, type Drained, type Plot, clear, holdOnce, plot } from './drain-ground.ts';

/** The events of a run, in short. */
export const story = ({ events }: Pick<Drained, 'events'>): readonly string[] =>
  events.flatMap((event) =>
    event.type === 'step.blocked'
      ? [`blocked ${event.by.map(({ pod, by }) => `${pod} by ${by}`).join(', ')}`]
      : event.type.startsWith('step.')
        ? [event.type]
        : [],
  );
const unmetOf = ({ events }: Drained): readonly string[] => events.flatMap((event) => (event.type === 'step.failed' ? event.unmet : []));
const succeeded = { kind: 'finished', outcome: 'succeeded' };
const failed = { kind: 'finished', outcome: 'failed' };

/** What a drain does to a cluster, whichever it is. */
export const drainContract = (what: string, make: () => Promise<DrainGround>): void => {
  let ground: DrainGround;
  let here: Plot;
  let plots = 0;
  beforeAll(async () => {
    ground = await make();
  }, 150_000);
  afterAll(() => ground[Symbol.asyncDispose]());
  beforeEach(async () => {
    plots += 1;
    here = await plot(ground, `plot-${plots}`);
  });
  afterEach(() => clear(ground));
  const draining = (options: DrainOptions = {}): readonly Step[] => [drain(options)];

  describe(`the drain of ${what}`, { timeout: 60_000 }, () => {
    jobsContract(() => here);

    test('evicts all pods side by side, and waits until they have ended', async () => {
      for (const name of ['a', 'b', 'c']) await here.pod({ name });
      const drained = await here.run(draining());
      expect(drained.ended).toEqual(succeeded);
      expect(await here.on('n1')).toEqual([]);
      expect(story(drained)).toEqual(['step.started', 'step.verified']);
      expect(drained.tookMs).toBeLessThan(15_000);
    });

    test('leaves the pods of DaemonSets and mirror pods, and takes finished ones whoever made them', async () => {
      await here.daemonSet('agent');
      await here.pod({ name: 'agent-1', owner: 'DaemonSet/agent' });
      await here.pod({ name: 'etcd-n1', owner: null, annotations: { 'kubernetes.io/config.mirror': 'abc' } });
      await here.pod({ name: 'done', owner: null, phase: 'Succeeded', emptyDir: true });
      await here.pod({ name: 'dead', owner: 'DaemonSet/agent', phase: 'Failed' });
      await here.pod({ name: 'web' });
      const drained = await here.run(draining({ ignoreDaemonSets: true }));
      expect(drained.ended).toEqual(succeeded);
      // where a controller is at work, it has made another one by now
      const left = await here.on('n1');
      expect(left.filter((name) => ['done', 'dead', 'web'].includes(name))).toEqual([]);
      expect(left).toEqual(expect.arrayContaining(['agent-1', 'etcd-n1']));
    });

    test('evicts nothing when one pod is refused, and tells each reason', async () => {
      await here.daemonSet('agent');
      await here.pod({ name: 'web' });
      await here.pod({ name: 'agent-1', owner: 'DaemonSet/agent' });
      await here.pod({ name: 'orphan', owner: 'DaemonSet/gone' });
      await here.pod({ name: 'cache', emptyDir: true });
      await here.pod({ name: 'bare', owner: null });
      const drained = await here.run(draining());
      expect(drained.ended).toEqual(failed);
      const ns = here.namespace;
      expect(unmetOf(drained).slice(1)).toEqual([
        `${ns}/agent-1 belongs to the DaemonSet agent (ignoreDaemonSets leaves it where it is)`,
        `${ns}/bare has no controller, so it would not come back (force lets it go)`,
        `${ns}/cache has local data, lost with it: emptyDir cache (deleteEmptyDir lets it go)`,
        `${ns}/orphan belongs to the DaemonSet gone, which is not there any more: it would not come back (force lets it go)`,
      ]);
      expect(await here.on('n1')).toEqual(['agent-1', 'bare', 'cache', 'orphan', 'web']);
    });

    test('takes bare pods, orphans and local data when it is told to', async () => {
      await here.pod({ name: 'orphan', owner: 'DaemonSet/gone' });
      await here.pod({ name: 'cache', emptyDir: true });
      await here.pod({ name: 'bare', owner: null });
      expect((await here.run(draining({ force: true, deleteEmptyDir: true }))).ended).toEqual(succeeded);
      expect((await here.on('n1')).filter((name) => ['orphan', 'cache', 'bare'].includes(name))).toEqual([]);
    });

    test('waits for a PodDisruptionBudget, says once that it blocks, and goes on when it allows', async () => {
      await here.pod({ name: 'web-1', labels: { app: 'web' }, owner: 'Job/web' });
      await here.budget('keep', { app: 'web' }, 1);
      await here.pod({ name: 'free' });
      const drained = await here.run(draining(), async (_journal, turn) => {
        if (turn === 4) await here.pod({ name: 'web-2', node: 'n2', labels: { app: 'web' }, owner: 'Job/web' });
      });
      expect(drained.ended).toEqual(succeeded);
      const ns = here.namespace;
      expect(story(drained)).toEqual([
        'step.started',
        `blocked ${ns}/web-1 by PodDisruptionBudget ${ns}/keep`,
        'blocked ',
        'step.verified',
      ]);
      expect(drained.tookMs).toBeGreaterThan(15_000);
    });

    test('fails after its time with who blocks, and has let all others go', async () => {
      await here.pod({ name: 'web-1', labels: { app: 'web' } });
      await here.budget('keep', { app: 'web' }, 1);
      await here.pod({ name: 'free' });
      const drained = await here.run(draining({ timeout: '30s' }));
      expect(drained.ended).toEqual(failed);
      expect(unmetOf(drained)).toEqual([
        `${here.namespace}/web-1 is kept by PodDisruptionBudget ${here.namespace}/keep: it needs 1 healthy pods and has 1 currently`,
      ]);
      expect(await here.on('n1')).toEqual(['web-1']);
      expect(story(drained).filter((line) => line.startsWith('blocked'))).toHaveLength(1);
    });

    test('evicts a pod that is not Ready although its budget allows nothing, as long as enough others are', async () => {
      await here.pod({ name: 'sick', labels: { app: 'web' }, ready: false });
      await here.pod({ name: 'well', node: 'n2', labels: { app: 'web' } });
      await here.budget('keep', { app: 'web' }, 1);
      const drained = await here.run(draining());
      expect([drained.ended, story(drained)]).toEqual([succeeded, ['step.started', 'step.verified']]);
    });

    test('fails a pod with two budgets and names both, after the others have gone', async () => {
      await here.pod({ name: 'web-1', labels: { app: 'web', tier: 'a' } });
      await here.pod({ name: 'free' });
      await here.budget('one', { app: 'web' }, 0);
      await here.budget('two', { tier: 'a' }, 0);
      const drained = await here.run(draining());
      expect(drained.ended).toEqual(failed);
      expect(unmetOf(drained)[0]).toContain(`more than one PodDisruptionBudget (${here.namespace}/one, ${here.namespace}/two)`);
      expect(await here.on('n1')).toEqual(['web-1']);
    });

    test('passes budgets by when evictions are disabled', async () => {
      await here.pod({ name: 'web-1', labels: { app: 'web' } });
      await here.budget('keep', { app: 'web' }, 1);
      expect((await here.run(draining({ disableEviction: true }))).ended).toEqual(succeeded);
      expect(await here.on('n1')).toEqual([]);
    });

    test('waits for a namespace that is about to go to take its pod along', async () => {
      await here.pod({ name: 'web-1' });
      await ground.cluster.call({ via: 'kubernetes', method: 'DELETE', path: `/api/v1/namespaces/${here.namespace}` }, within);
      const drained = await here.run(draining(), async (_journal, turn) => {
        if (turn === 2 && !ground.collects) await here.end('web-1');
      });
      expect(drained.ended).toEqual(succeeded);
      const ns = here.namespace;
      expect(story(drained)).toContain(`blocked ${ns}/web-1 by namespace ${ns}`);
    });

    test('leaves another pod of the same name alone, and does not wait for one that came back elsewhere', async () => {
      await here.pod({ name: 'db-0', owner: 'StatefulSet/db' });
      const journal = memoryJournal(() => ground.clock.now());
      let met = 0;
      const swapping: DrainGround['cluster'] = {
        call: async (request, options) => {
          if (request.method === 'POST' && (met += 1) === 1) {
            await here.end('db-0');
            // a controller that is at work has made it anew already
            if ((await here.on('n2')).length === 0) await here.pod({ name: 'db-0', node: 'n2', owner: 'StatefulSet/db' });
          }
          return ground.cluster.call(request, options);
        },
      };
      expect(await holdOnce(ground, journal, draining(), 1, swapping)).toEqual(succeeded);
      expect([await here.on('n1'), await here.on('n2')]).toEqual([[], ['db-0']]);
    });

    test('gives a pod the time it is told to, also one that is ending already', async () => {
      await here.pod({ name: 'slow', stubborn: true });
      const { cluster } = ground;
      const path = `/api/v1/namespaces/${here.namespace}/pods/slow`;
      await cluster.call({ via: 'kubernetes', method: 'DELETE', path, body: {} }, within);
      expect(await here.on('n1')).toEqual(['-slow']);
      expect((await here.run(draining({ gracePeriod: '0s' }))).ended).toEqual(succeeded);
      expect(await here.on('n1')).toEqual([]);
    });

    test('does not wait for a pod whose time was over long ago, where it is told so', async () => {
      await here.pod({ name: 'stuck' });
      const path = `/api/v1/namespaces/${here.namespace}/pods/stuck`;
      const finalizers = { metadata: { finalizers: ['example.org/held'] } };
      await ground.cluster.call({ via: 'kubernetes', method: 'PATCH', path, body: finalizers }, within);
      await ground.cluster.call({ via: 'kubernetes', method: 'DELETE', path, body: {} }, within);
      try {
        expect((await here.run(draining({ skipWaitForDelete: '24h', timeout: '20s' }))).ended).toEqual(failed);
        expect((await here.run(draining({ skipWaitForDelete: '60s' }))).ended).toEqual(succeeded);
        expect(await here.on('n1')).toEqual(['-stuck']);
      } finally {
        await ground.cluster.call({ via: 'kubernetes', method: 'PATCH', path, body: { metadata: { finalizers: null } } }, within);
      }
    });

    test('takes only the pods that a selector chooses', async () => {
      await here.pod({ name: 'keep', labels: { app: 'registry' } });
      await here.pod({ name: 'web', labels: { app: 'web' } });
      expect((await here.run(draining({ podSelector: 'app notin (registry)' }))).ended).toEqual(succeeded);
      expect(await here.on('n1')).toEqual(['keep']);
    });

    test('goes on where another worker has died, without a word more in the journal', async () => {
      await here.pod({ name: 'web-1', labels: { app: 'web' }, owner: 'Job/web' });
      await here.budget('keep', { app: 'web' }, 1);
      const journal = memoryJournal(() => ground.clock.now());
      for (const fence of [1, 2, 3, 4, 5]) expect((await holdOnce(ground, journal, draining(), fence)).kind).toBe('waiting');
      const events = await journal.read('r1', 'n1');
      expect(story({ events })).toEqual(['step.started', `blocked ${here.namespace}/web-1 by PodDisruptionBudget ${here.namespace}/keep`]);
    });
  });
};

const within = { signal: new AbortController().signal, timeoutMs: 20_000 };
