import { describe, expect, test } from 'vitest';
import { CancelledError, ClusterError } from '../../src/core/error.ts';
import { memoryJournal } from '../../src/journal/memory.ts';
import { drain } from '../../src/steps/drain.ts';
import { type DrainGround, type Plot, holdOnce, plot } from '../contract/drain-ground.ts';
import { simulatedGround } from '../contract/drain-sim.ts';

const PODS = 30;

const full = async (ground: DrainGround): Promise<Plot> => {
  const here = await plot(ground, 'ci');
  for (let pod = 0; pod < PODS; pod += 1) await here.pod({ name: `p${pod}` });
  return here;
};

describe('evictions', () => {
  test('are asked for side by side, a few at a time', async () => {
    await using ground = await simulatedGround();
    await full(ground);
    let [now, most, all] = [0, 0, 0];
    const cluster: DrainGround['cluster'] = {
      call: async (request, options) => {
        if (request.method !== 'POST') return ground.cluster.call(request, options);
        now += 1;
        all += 1;
        most = Math.max(most, now);
        await Promise.resolve();
        const answer = await ground.cluster.call(request, options);
        now -= 1;
        return answer;
      },
    };
    await holdOnce(ground, memoryJournal(ground.clock.now), [drain()], 1, cluster);
    expect({ all, most }).toEqual({ all: PODS, most: 10 });
  });

  test('tell in the output of the step whom they let go', async () => {
    await using ground = await simulatedGround();
    const here = await plot(ground, 'ci');
    for (const name of ['web', 'api']) await here.pod({ name });
    const journal = memoryJournal(ground.clock.now);
    await holdOnce(ground, journal, [drain()], 1);
    expect((await journal.readOutput('r1', 'n1')).map(({ step, line }) => `${step}: ${line}`)).toEqual([
      'drain: evict ci/api',
      'drain: evict ci/web',
    ]);
  });

  test('stop when the work is taken away: none is sent behind that', async () => {
    await using ground = await simulatedGround();
    await full(ground);
    let sent = 0;
    const cluster: DrainGround['cluster'] = {
      call: (request, options) => {
        if (request.method !== 'POST') return ground.cluster.call(request, options);
        sent += 1;
        return Promise.reject(new CancelledError('it was cancelled'));
      },
    };
    await holdOnce(ground, memoryJournal(ground.clock.now), [drain()], 1, cluster);
    expect(sent).toBeLessThanOrEqual(10);
  });

  test('are asked for again when the API did not answer, within the bound of the step', async () => {
    await using ground = await simulatedGround();
    const here = await plot(ground, 'ci');
    await here.pod({ name: 'web' });
    let down = 3;
    const cluster: DrainGround['cluster'] = {
      call: (request, options) =>
        request.method === 'POST' && (down -= 1) >= 0
          ? Promise.reject(new ClusterError('nobody answers', { transient: true, detail: { status: null } }))
          : ground.cluster.call(request, options),
    };
    const drained = await plotOver(ground, cluster).run([drain()]);
    expect(drained.ended).toEqual({ kind: 'finished', outcome: 'succeeded' });
    expect(drained.events.find(({ type }) => type === 'step.blocked')).toMatchObject({ by: [{ pod: 'ci/web', by: 'the API server' }] });
  });

  test('that nobody may ask for fail the step, and name the right that is missing', async () => {
    await using ground = await simulatedGround();
    const here = await plot(ground, 'ci');
    await here.pod({ name: 'web' });
    const cluster: DrainGround['cluster'] = {
      call: (request, options) =>
        request.method === 'POST'
          ? Promise.reject(new ClusterError('pods/eviction is forbidden', { detail: { status: 403 } }))
          : ground.cluster.call(request, options),
    };
    const drained = await plotOver(ground, cluster).run([drain()]);
    expect(drained.ended).toEqual({ kind: 'finished', outcome: 'failed' });
    expect(drained.events.find(({ type }) => type === 'step.failed')).toMatchObject({
      unmet: ['n1: drain: ci/web: pods/eviction is forbidden', 'ci/web is still there'],
    });
  });
});

/** Runs as a plot does, through another channel to the same cluster. */
const plotOver = (ground: DrainGround, cluster: DrainGround['cluster']): Pick<Plot, 'run'> => ({
  run: async (steps) => {
    const journal = memoryJournal(ground.clock.now);
    const began = ground.clock.now();
    for (let turn = 1; turn < 100; turn += 1) {
      const ended = await holdOnce(ground, journal, steps, turn, cluster);
      if (ended.kind !== 'waiting' || ended.wakeInMs === null)
        return { ended, events: await journal.read('r1', 'n1'), tookMs: ground.clock.now() - began };
      await ground.clock.sleep(ended.wakeInMs, new AbortController().signal);
    }
    throw new Error('the drain did not come to an end');
  },
});
