import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CoreV1Api, KubeConfig, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sim, gitlabRunners, startSim } from '../../src/sim/index.ts';
import { eventually } from '../eventually.ts';

let sim: Sim;
beforeAll(async () => {
  sim = await startSim({ nodes: gitlabRunners, speed: 600 });
});
afterAll(() => sim.close());

const api = (): CoreV1Api => {
  const config = new KubeConfig();
  config.loadFromFile(sim.kubeconfig);
  return config.makeApiClient(CoreV1Api);
};

describe('the Kubernetes API over HTTP', () => {
  test('takes the official client with the kubeconfig that it wrote', async () => {
    const nodes = await api().listNode();
    expect(nodes.items.map(({ metadata }) => metadata?.name)).toEqual(['runner-1', 'runner-2', 'runner-3']);
    const patched = await api().patchNode(
      { name: 'runner-3', body: { spec: { unschedulable: true } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    expect(patched.spec?.unschedulable).toBe(true);
    expect(sim.node('runner-3').cordoned).toBe(true);
    await api().patchNode(
      { name: 'runner-3', body: { spec: { unschedulable: null } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
  });

  test('evicts through the official client, and shows what a budget blocks', async () => {
    sim.api.addPod({ namespace: 'gitlab-runner', name: 'precious', node: 'runner-1', labels: { app: 'precious' } });
    sim.api.addBudget({ namespace: 'gitlab-runner', name: 'precious', labels: { app: 'precious' }, minAvailable: 1 });
    const eviction = { name: 'precious', namespace: 'gitlab-runner', body: { metadata: { name: 'precious', namespace: 'gitlab-runner' } } };
    await expect(api().createNamespacedPodEviction(eviction)).rejects.toMatchObject({ code: 429 });
  });

  test('lets in nobody without the token, and nobody at all while it is down', async () => {
    expect((await fetch(`${sim.apiUrl}/api/v1/nodes`)).status).toBe(401);
    sim.api.setDown(true);
    await expect(api().listNode()).rejects.toThrow();
    sim.api.setDown(false);
    expect((await api().listNode()).items).toHaveLength(3);
    sim.api.fail({ status: 500, times: 1 });
    await expect(api().listNode()).rejects.toMatchObject({ code: 500 });
  });
});

describe('the stand-in for helm', () => {
  const helm = async (...argv: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
    try {
      return { code: 0, ...(await promisify(execFile)('helm', [...argv], { env: { ...sim.env } })) };
    } catch (error) {
      const { code, stdout, stderr } = Object(error);
      return { code, stdout, stderr };
    }
  };
  const release = ['gitlab-runner', '--namespace', 'gitlab-runner'] as const;

  test('upgrades with kept values and rolls back, and tells the history as helm does', async () => {
    expect(JSON.parse((await helm('history', ...release, '--output', 'json', '--max', '20')).stdout)).toMatchObject([
      { revision: 1, status: 'deployed', chart: 'gitlab-runner-0.71.0', description: 'Install complete' },
    ]);
    const upgrade = await helm(
      'upgrade',
      'gitlab-runner',
      'gitlab/gitlab-runner',
      '--namespace',
      'gitlab-runner',
      '--version',
      '0.71.0',
      '--reset-then-reuse-values',
      '--set-string',
      'podAnnotations.drover\\.dev/run=r1',
      '--wait',
      '--timeout',
      '300s',
    );
    expect(upgrade).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse((await helm('get', 'values', ...release, '--output', 'json')).stdout)).toMatchObject({
      runnerToken: 'glrt-simulated',
      podAnnotations: { 'drover.dev/run': 'r1' },
    });
    expect((await helm('rollback', 'gitlab-runner', '1', '--namespace', 'gitlab-runner', '--wait')).code).toBe(0);
    const history: unknown = JSON.parse((await helm('history', ...release, '--output', 'json')).stdout);
    expect(history).toMatchObject([
      { status: 'superseded' },
      { status: 'superseded' },
      { revision: 3, status: 'deployed', description: 'Rollback to 1' },
    ]);
  });

  test('says what is not there, fails when it is told to, and leaves an upgrade pending that was cut', async () => {
    expect(await helm('history', 'none', '-n', 'x', '-o', 'json')).toMatchObject({ code: 1, stderr: 'Error: release: not found\n' });
    const upgrade = (): ReturnType<typeof helm> =>
      helm('upgrade', 'gitlab-runner', 'gitlab/gitlab-runner', '-n', 'gitlab-runner', '--reuse-values');
    sim.releases.failUpgrades = 1;
    expect((await upgrade()).code).toBe(1);
    sim.releases.cutUpgrades = 1;
    expect((await upgrade()).code).toBe(137);
    expect(await upgrade()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('another operation (install/upgrade/rollback) is in progress'),
    });
    expect((await helm('rollback', 'gitlab-runner', '1', '-n', 'gitlab-runner')).code).toBe(0);
    expect((await upgrade()).code).toBe(0);
    expect((await helm('frobnicate')).code).toBe(2);
  });
});

describe('the stand-in for vCenter', () => {
  const post = (path: string, body?: unknown): Promise<Response> =>
    fetch(`${sim.apiUrl}/sim/vcenter/vms/${path}`, { method: 'POST', ...(body !== undefined && { body: JSON.stringify(body) }) });

  test('moves and resets a virtual machine over HTTP', async () => {
    expect(await (await fetch(`${sim.apiUrl}/sim/vcenter/vms`)).json()).toContainEqual({ name: 'runner-2', network: 'ci', power: 'on' });
    expect((await post('runner-2/network', { network: 'services' })).status).toBe(200);
    expect([sim.vcenter.network('runner-2'), sim.node('runner-2').addresses]).toEqual(['services', []]);
    expect((await post('runner-2/reset')).status).toBe(200);
    await eventually('it has booted', () => sim.node('runner-2').bootCount === 2);
    expect([(await post('none/reset')).status, (await post('runner-2/network', { network: 'nowhere' })).status]).toEqual([404, 400]);
    sim.vcenter.move('runner-2', 'ci');
    expect(sim.node('runner-2').addresses).toEqual(['127.77.0.12']);
  });
});
