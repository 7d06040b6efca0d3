import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { must } from './process.ts';
import { apiServer, subnets } from './topology.ts';

const openssl = (args: readonly string[], input?: string): Promise<string> => must('openssl', args, input === undefined ? {} : { input });
const newKey = (file: string): Promise<string> => openssl(['ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', file]);
const days = ['-days', '3650'];

const subjects = {
  apiserver: '/CN=kube-apiserver',
  admin: '/O=system:masters/CN=lab-admin',
  'controller-manager': '/CN=system:kube-controller-manager',
  scheduler: '/CN=system:kube-scheduler',
} as const;

/** A certificate signed by the lab's authority, as `name`.key and `name`.crt. */
const issue = async (folder: string, name: string, subject: string): Promise<void> => {
  const file = (ending: string): string => path.join(folder, `${name}.${ending}`);
  const authority = (ending: string): string => path.join(folder, `ca.${ending}`);
  const addresses = [subnets.a.gateway, subnets.b.gateway, '10.96.0.1', '127.0.0.1'].map((address) => `IP:${address}`);
  const names = ['localhost', 'kubernetes', 'kubernetes.default.svc'].map((dns) => `DNS:${dns}`);
  const extensions = [
    'keyUsage=digitalSignature',
    'extendedKeyUsage=serverAuth,clientAuth',
    ...(name === 'apiserver' ? [`subjectAltName=${[...addresses, ...names].join(',')}`] : []),
  ];
  await newKey(file('key'));
  await writeFile(file('ext'), extensions.join('\n'));
  const request = await openssl(['req', '-new', '-key', file('key'), '-subj', subject]);
  const signing = [
    '-CA',
    authority('crt'),
    '-CAkey',
    authority('key'),
    '-CAcreateserial',
    ...days,
    '-extfile',
    file('ext'),
    '-out',
    file('crt'),
  ];
  await openssl(['x509', '-req', ...signing], request);
};

/** A kubeconfig (JSON, which is YAML too) with one context, `lab`. */
const kubeconfig = async (folder: string, name: string): Promise<void> => {
  const data = async (file: string): Promise<string> => (await readFile(path.join(folder, file))).toString('base64');
  const [authority, certificate, key] = await Promise.all([data('ca.crt'), data(`${name}.crt`), data(`${name}.key`)]);
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: name } }],
    clusters: [{ name: 'lab', cluster: { server: apiServer, 'certificate-authority-data': authority } }],
    users: [{ name, user: { 'client-certificate-data': certificate, 'client-key-data': key } }],
  };
  await writeFile(path.join(folder, `${name}.conf`), JSON.stringify(content), { mode: 0o600 });
};

/** Makes the cluster's authority, its certificates and kubeconfigs, and a client certificate for each node. */
export const createPki = async (folder: string, nodes: readonly string[]): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = (name: string): string => path.join(folder, name);
  await Promise.all([newKey(file('ca.key')), newKey(file('sa.key'))]);
  await openssl(['req', '-x509', '-new', '-key', file('ca.key'), '-subj', '/CN=lab', ...days, '-out', file('ca.crt')]);
  await openssl(['ec', '-in', file('sa.key'), '-pubout', '-out', file('sa.pub')]);
  const all: [string, string][] = [
    ...Object.entries(subjects),
    ...nodes.map((node): [string, string] => [node, `/O=system:nodes/CN=system:node:${node}`]),
  ];
  for (const [name, subject] of all) {
    await issue(folder, name, subject);
    if (name !== 'apiserver') await kubeconfig(folder, name);
  }
};
