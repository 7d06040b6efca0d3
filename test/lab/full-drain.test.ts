import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { layBook } from './book.ts';
import { kubectl } from './control-plane.ts';
import { type Lab, startLab } from './lab.ts';
import { buildDrover, expectEnd, runOf, runWithinMs } from './runs.ts';
import { poll } from './wait.ts';

// A drain with a real kubelet: a budget that holds, a pod that does not heed SIGTERM, and a CI job's pod without a controller.

beforeAll(buildDrover);

const GRACE_SECONDS = 20;

const pod = (labels: Readonly<Record<string, string>>, linger: number) => ({
  metadata: { labels },
  spec: {
    nodeName: 'n1',
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: GRACE_SECONDS,
    containers: [{ name: 'main', image: 'lab.local/sleeper:1', imagePullPolicy: 'Never', args: [String(linger)] }],
  },
});
const deployment = (name: string, linger: number) => {
  const labels = { app: name };
  const { spec, ...rest } = pod(labels, linger);
  const { nodeName: _free, ...scheduled } = spec;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { ...rest, spec: scheduled } },
  };
};
const JOB = 'runner-abcd1234-project-7-concurrent-0-x1y2';
const world = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    deployment('kept', 0),
    deployment('stubborn', 3600),
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'keep', namespace: 'default' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'kept' } } },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      ...pod({ pod: 'runner-abcd1234-project-7-concurrent-0' }, 0),
      metadata: {
        name: JOB,
        namespace: 'default',
        annotations: { 'job.runner.gitlab.com/id': '42', 'job.runner.gitlab.com/name': 'build' },
      },
    },
  ],
};

const listed = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), deletionTimestamp: z.string().optional() }),
      spec: z.object({ nodeName: z.string().default('') }),
      status: z.object({ phase: z.string() }),
    }),
  ),
});

/** The pods of the default namespace that are on the node, by the beginnings of their names. */
const onNode = async ({ place }: Lab): Promise<readonly string[]> => {
  const { stdout } = await kubectl(place, ['get', 'pod', '-n', 'default', '-o', 'json']);
  return listed
    .parse(JSON.parse(stdout))
    .items.filter(({ spec, status }) => spec.nodeName === 'n1' && status.phase === 'Running')
    .map(({ metadata: { name } }) => (name === JOB ? 'job' : (name.split('-')[0] ?? '')))
    .toSorted();
};

test('waits for the job, kills it when told, waits for the budget and says who blocks, and for the pod that does not heed SIGTERM', async () => {
  await using lab = await startLab({ nodes: 1, bridges: 'one' });
  expect((await kubectl(lab.place, ['apply', '-f', '-'], JSON.stringify(world))).exitCode).toBe(0);
  const three = ['job', 'kept', 'stubborn'];
  const all = async (): Promise<true | undefined> => ((await onNode(lab)).join() === three.join() ? true : undefined);
  await poll('all pods run', { withinMs: 300_000, everyMs: 1000 }, all);
  await layBook(
    lab,
    'empty-node',
    ['cordon', 'disruption', 'drain', 'file', 'jobsEnded', 'uncordon'],
    `[
    disruption({
      open: [cordon(), jobsEnded({ wait: '10s', within: '20m' }), drain({ deleteEmptyDir: true, timeout: '20m' })],
      inner: [file('/etc/drover-lab', { content: 'emptied' })],
      close: [uncordon()],
    }),
  ]`,
  );
  await using running = lab.droverSpawn(['run', 'empty-node', 'n1', '--yes', '--json']);
  const asked = await running.event('a person is asked about the job', runWithinMs, ({ type }) => type === 'step.asked');
  expect(asked).toMatchObject({
    step: 'jobs-ended',
    choices: ['wait', 'kill', 'give up'],
    instructions: expect.stringContaining('CI job 42 (build'),
  });
  expect(await onNode(lab), 'nothing is evicted while the job runs').toEqual(three);

  const run = runOf(running.printed());
  expect((await lab.drover(['answer', run, 'n1', 'jobs-ended', 'kill'])).exitCode).toBe(0);
  const killedAt = performance.now();
  await running.event('the budget blocks', runWithinMs, ({ type }) => type === 'step.blocked');
  expect((await lab.drover(['show', run])).stdout).toMatch(/PodDisruptionBudget default\/keep keeps default\/kept-/);
  await poll('only the pod that the budget keeps is left', { withinMs: 300_000, everyMs: 500 }, async () =>
    (await onNode(lab)).join() === 'kept' ? true : undefined,
  );
  expect(performance.now() - killedAt, 'the stubborn pod had all of its time').toBeGreaterThan((GRACE_SECONDS - 5) * 1000);
  expect(await lab.node('n1').read('ls /etc/drover-lab 2>/dev/null; true'), 'nothing is changed before the node is empty').toBe('');

  expect((await lab.kubectl('delete', 'pdb', 'keep', '-n', 'default')).exitCode).toBe(0);
  const events = expectEnd(await running.ended, 0, 'succeeded');
  expect(events.find(({ type }) => type === 'step.blocked')).toMatchObject({ step: 'drain' });
  expect((await lab.node('n1').object()).spec.unschedulable).toBe(false);
  expect(await lab.node('n1').read('cat /etc/drover-lab')).toBe('emptied');
});
