import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Sim } from '../../src/sim/index.ts';
import { type Operator, linesOf, operator } from './drover.ts';
import { fleet } from './fleet.ts';

/** A runbook of a user's that empties a node, writes a file, and opens the node again. */
const emptied = ({ stateDir }: Operator): string => {
  const path = join(stateDir, 'emptied.ts');
  writeFileSync(
    path,
    `import { cordon, disruption, drain, file, jobsEnded, preflight, runbook, uncordon, z } from 'drover';
const wish = { ignoreDaemonSets: true, timeout: '60s' } as const;
export default runbook({
  name: 'emptied', summary: 'Empties a node for a file.', version: 1,
  params: z.object({}), vars: z.object({}).loose(),
  rollout: { canary: 0, maxUnavailable: 1, maxFailures: 0 },
  onFailure: 'pause',
  steps: () => [
    preflight.drainable(wish),
    disruption({
      open: [cordon(), jobsEnded({ wait: '1s', within: '60s' }), drain(wish)],
      inner: [file('/etc/motd.d/drover', { content: 'hello' })],
      close: [uncordon()],
    }),
  ],
});\n`,
  );
  return path;
};

const RUNNER = { namespace: 'gitlab-runner', labels: { app: 'gitlab-runner' }, owner: 'ReplicaSet/gitlab-runner-7d9c' } as const;
const keepBoth = (sim: Sim): void =>
  sim.api.addBudget({ namespace: 'gitlab-runner', name: 'keep', labels: { app: 'gitlab-runner' }, minAvailable: 2 });

/** The events that a command has printed by now. */
const soFar = (stdout: string): ReturnType<typeof linesOf> => linesOf({ stdout, stderr: '', exitCode: null, signal: null });

describe('a drain', () => {
  it('is foretold by the plan, says who blocks while it waits, and goes on by itself', async () => {
    await using sim = await fleet(2);
    await using anna = operator(sim);
    keepBoth(sim);
    const runbook = emptied(anna);
    const plan = await anna.drover(['plan', runbook, 'runner-1']);
    const shown = plan.stdout.replace(/\s+/g, ' ');
    expect(shown).toContain('do evict gitlab-runner/gitlab-runner-7d9c-1');
    expect(shown).toContain(
      'expect PodDisruptionBudget gitlab-runner/keep keeps gitlab-runner/gitlab-runner-7d9c-1: it needs 2 healthy pods and has 2 of 2; it allows none of its pods to go, however healthy they are all that move find room on other nodes',
    );
    const running = anna.start(['run', runbook, 'runner-1', '--yes', '--json']);
    const { run = '' } = soFar(await running.printed(/step\.blocked/))[0] ?? {};
    const status = await anna.drover(['show', run]);
    expect(status.stdout).toContain('runner-1 waits and goes on by itself: drain: PodDisruptionBudget gitlab-runner/keep keeps');
    sim.api.addPod({ ...RUNNER, name: 'gitlab-runner-7d9c-3', node: 'runner-2' });
    const ended = await running.ended;
    expect({ exitCode: ended.exitCode, stderr: ended.stderr }).toEqual({ exitCode: 0, stderr: '' });
    const told = linesOf(ended).flatMap(({ type, step }) => (step === 'drain' ? [type] : []));
    expect(told).toEqual(['step.started', 'step.blocked', 'step.blocked', 'step.verified']);
    expect(sim.node('runner-1')).toMatchObject({ cordoned: false });
  }, 60_000);

  it('is approved as a wish: pods that come and go between plan and run are no drift', async () => {
    await using sim = await fleet(2);
    await using anna = operator(sim);
    const file = join(anna.stateDir, 'plan.json');
    expect(await anna.drover(['plan', emptied(anna), 'runner-1', '--out', file])).toMatchObject({ exitCode: 0 });
    sim.api.addPod({ ...RUNNER, name: 'gitlab-runner-7d9c-3', node: 'runner-1' });
    const ran = await anna.drover(['run', '--plan', file, '--yes', '--json']);
    expect(ran).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('nothing that matters has changed since') });
    expect(linesOf(ran).find(({ type, step }) => type === 'step.started' && step === 'drain')).toMatchObject({
      unmet: expect.arrayContaining(['gitlab-runner/gitlab-runner-7d9c-3 is still there']),
    });
  }, 60_000);

  it('that something refuses is refused as a whole, with the reason, before any node is touched', async () => {
    await using sim = await fleet(2);
    await using anna = operator(sim);
    sim.api.addPod({ namespace: 'ci', name: 'precious', node: 'runner-2' });
    const refused = await anna.drover(['run', emptied(anna), '--yes', '--json']);
    expect(refused).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('ci/precious has no controller, so it would not come back (force lets it go)'),
    });
    expect(['runner-1', 'runner-2'].map((name) => sim.node(name).cordoned)).toEqual([false, false]);
  }, 60_000);

  it('asks what becomes of a CI job that does not end, and kills it when that is said', async () => {
    await using sim = await fleet(2);
    await using anna = operator(sim);
    sim.api.addPod({
      namespace: 'ci',
      name: 'runner-t1-project-7-concurrent-0-x1',
      node: 'runner-1',
      emptyDirs: ['repo'],
      annotations: { 'job.runner.gitlab.com/id': '42' },
    });
    const running = anna.start(['run', emptied(anna), 'runner-1', '--yes', '--json']);
    const asked = soFar(await running.printed(/step\.asked/));
    const said = await anna.drover(['answer', asked[0]?.run ?? '', 'runner-1', 'jobs-ended', 'kill']);
    expect(said).toMatchObject({ exitCode: 0 });
    const ended = await running.ended;
    expect({ exitCode: ended.exitCode, stderr: ended.stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(linesOf(ended).find(({ type, step }) => type === 'step.started' && step === 'drain')).toMatchObject({
      unmet: expect.arrayContaining(['ci/runner-t1-project-7-concurrent-0-x1 is still there']),
    });
  }, 60_000);
});
