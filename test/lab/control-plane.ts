import path from 'node:path';
import { timed } from './log.ts';
import { daemon, inNetns, run, tied } from './process.ts';
import { assets } from './requirements.ts';
import { subnets } from './topology.ts';
import { poll } from './wait.ts';

/** Where a lab's processes live and what they use. */
export type Place = {
  readonly netns: string;
  /** The lab's own folder; the programs' output is in its `logs`. */
  readonly folder: string;
  /** The certificates of the snapshot. */
  readonly pki: string;
  /** Whether the lab's processes die with the one that starts the lab. */
  readonly tied: boolean;
};

/** Starts a program of the lab in its namespace. */
export const startIn = async (place: Place, name: string, command: readonly string[]): Promise<number> => {
  const whole = inNetns(place.netns, place.tied ? tied(command) : command);
  return (await daemon(whole, path.join(place.folder, 'logs', `${name}.log`))).pid;
};

/** Runs kubectl as the cluster's administrator. */
export const kubectl = (place: Pick<Place, 'netns' | 'pki'>, args: readonly string[], input?: string): ReturnType<typeof run> => {
  const [program, ...rest] = inNetns(place.netns, [path.join(assets(), 'kubectl'), `--kubeconfig=${place.pki}/admin.conf`, ...args]);
  return run(program, rest, input === undefined ? {} : { input });
};

/** Starts etcd on the lab's own data, and the control plane; ready when this returns. */
export const startControlPlane = (place: Place): Promise<void> =>
  timed('control plane ready', async () => {
    const pki = (file: string): string => path.join(place.pki, file);
    const start = (name: string, args: readonly string[]): Promise<number> => startIn(place, name, [path.join(assets(), name), ...args]);
    const client = (name: string): string[] =>
      ['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].map((flag) => `--${flag}=${pki(`${name}.conf`)}`);
    await start('etcd', [`--data-dir=${place.folder}/etcd`, '--unsafe-no-fsync', '--log-level=warn']);
    await start('kube-apiserver', [
      '--etcd-servers=http://127.0.0.1:2379',
      '--bind-address=0.0.0.0',
      `--advertise-address=${subnets.a.gateway}`,
      '--service-cluster-ip-range=10.96.0.0/16',
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      '--allow-privileged',
      `--client-ca-file=${pki('ca.crt')}`,
      `--tls-cert-file=${pki('apiserver.crt')}`,
      `--tls-private-key-file=${pki('apiserver.key')}`,
      `--kubelet-client-certificate=${pki('admin.crt')}`,
      `--kubelet-client-key=${pki('admin.key')}`,
      '--kubelet-preferred-address-types=InternalIP',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${pki('sa.pub')}`,
      `--service-account-signing-key-file=${pki('sa.key')}`,
    ]);
    await poll(`the API server (its log is ${place.folder}/logs/kube-apiserver.log)`, { withinMs: 180_000 }, async () =>
      (await kubectl(place, ['get', '--raw', '/readyz'])).exitCode === 0 ? true : undefined,
    );
    await start('kube-controller-manager', [
      ...client('controller-manager'),
      '--leader-elect=false',
      '--use-service-account-credentials',
      `--root-ca-file=${pki('ca.crt')}`,
      `--service-account-private-key-file=${pki('sa.key')}`,
    ]);
    await start('kube-scheduler', [...client('scheduler'), '--leader-elect=false']);
  });
