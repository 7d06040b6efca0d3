import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { clusterChannel } from '../../src/channels/kubernetes.ts';
import type { ClusterChannel } from '../../src/core/ports.ts';
import { field, list, text } from '../../src/facts/api-object.ts';
import { type DrainGround, STUBBORN } from './drain-ground.ts';

/** How much faster than the clock of the tests the real one goes: the disruption controller takes its own time. */
const PACE = 20;
const within = { signal: new AbortController().signal, timeoutMs: 20_000 };

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

/** Stands in for the kubelets: what is deleted has ended, unless it ignores SIGTERM. */
const endPods = async (cluster: ClusterChannel): Promise<void> => {
  const { body } = await cluster.call({ via: 'kubernetes', method: 'GET', path: '/api/v1/pods' }, within);
  for (const pod of list(field(body, 'items'))) {
    if (field(pod, 'metadata', 'deletionTimestamp') === null || field(pod, 'metadata', 'annotations', STUBBORN) !== null) continue;
    const [namespace, name] = [text(field(pod, 'metadata', 'namespace')), text(field(pod, 'metadata', 'name'))];
    await cluster.call(
      { via: 'kubernetes', method: 'DELETE', path: `/api/v1/namespaces/${namespace}/pods/${name}`, body: { gracePeriodSeconds: 0 } },
      within,
    );
  }
};

/** A real kube-apiserver with etcd and the controller that minds PodDisruptionBudgets, and with kubectl's kubeconfig for it. */
export const apiServerGround = async (assets: string): Promise<DrainGround & { readonly kubeconfig: string }> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'drover-drain-'));
  const inFolder = (name: string): string => path.join(folder, name);
  const children: ChildProcess[] = [];
  const start = (name: string, args: readonly string[]): void => {
    const log = openSync(inFolder(`${name}.log`), 'w');
    children.push(spawn(path.join(assets, name), args, { stdio: ['ignore', log, log] }));
  };
  const [client, peer, port] = [await freePort(), await freePort(), await freePort()];
  const etcd = `http://127.0.0.1:${client}`;
  execFileSync('openssl', ['genrsa', '-out', inFolder('sa.key'), '2048'], { stdio: 'ignore' });
  await writeFile(inFolder('tokens.csv'), 'contract,admin,1,"system:masters"\n', { mode: 0o600 });
  const kubeconfig = inFolder('kubeconfig');
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: `https://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: { token: 'contract' } }],
    }),
    { mode: 0o600 },
  );
  start('etcd', [
    `--data-dir=${inFolder('etcd')}`,
    '--unsafe-no-fsync',
    '--log-level=error',
    `--listen-client-urls=${etcd}`,
    `--advertise-client-urls=${etcd}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-cluster=default=http://127.0.0.1:${peer}`,
  ]);
  start('kube-apiserver', [
    `--etcd-servers=${etcd}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${inFolder('certs')}`,
    `--token-auth-file=${inFolder('tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${inFolder('sa.key')}`,
    `--service-account-signing-key-file=${inFolder('sa.key')}`,
    '--disable-admission-plugins=ServiceAccount',
    '--allow-privileged=true',
  ]);
  const cluster = await clusterChannel({ context: null, kubeconfig });
  const ready = (): Promise<boolean> =>
    cluster.call({ via: 'kubernetes', method: 'GET', path: '/readyz' }, within).then(
      ({ status }) => status === 200,
      () => false,
    );
  for (let tries = 0; !(await ready()); tries += 1) {
    if (tries > 240) throw new Error(`the API server does not answer; its log is in ${folder}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const controllers = '--controllers=disruption-controller';
  start('kube-controller-manager', [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', controllers, '--secure-port=0']);
  for (const name of ['n1', 'n2'])
    await cluster.call(
      { via: 'kubernetes', method: 'POST', path: '/api/v1/nodes', body: { apiVersion: 'v1', kind: 'Node', metadata: { name } } },
      within,
    );
  let ahead = 0;
  const began = Date.now();
  return {
    cluster,
    kubeconfig,
    collects: false,
    clock: {
      now: () => began + ahead,
      sleep: async (ms) => {
        ahead += ms;
        await endPods(cluster);
        await new Promise((resolve) => setTimeout(resolve, ms / PACE));
      },
    },
    [Symbol.asyncDispose]: async () => {
      for (const child of children.toReversed()) {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        if (child.exitCode === null && child.kill('SIGKILL')) await gone;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
};
