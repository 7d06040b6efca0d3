import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { must } from './process.ts';
import { type Machine, addressOn, subnets } from './topology.ts';

const connection = (machine: Machine): string => `[connection]
id=ens192
uuid=${randomUUID()}
type=ethernet
interface-name=ens192

[ipv4]
method=manual
address1=${addressOn('a', machine)}/24,${subnets.a.gateway}

[ipv6]
method=disabled
`;

const podNetwork = ({ index }: Machine): string =>
  JSON.stringify({
    cniVersion: '1.0.0',
    name: 'lab',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipMasq: true,
        ipam: { type: 'host-local', ranges: [[{ subnet: `10.244.${index}.0/24` }]], routes: [{ dst: '0.0.0.0/0' }] },
      },
    ],
  });

/** The public keys that may log in, by user of the node. */
export type LoginKeys = Readonly<Record<'root' | 'ops' | 'nosudo', string>>;

/**
 * Writes a machine's seed, the tar that its first boot unpacks over its root: name, address, host key, logins, cluster certificate.
 *
 * @returns the public host key, as known_hosts takes it.
 */
export const createSeed = async (
  machine: Machine,
  options: { readonly tar: string; readonly pki: string; readonly logins: LoginKeys },
): Promise<string> => {
  const { name } = machine;
  const root = `${options.tar}.root`;
  const pki = (file: string): Promise<Buffer> => readFile(path.join(options.pki, file));
  const files: Record<string, string | Buffer> = {
    'etc/hostname': `${name}\n`,
    'etc/hosts': `127.0.0.1 localhost\n127.0.1.1 ${name}\n`,
    'etc/NetworkManager/system-connections/ens192.nmconnection': connection(machine),
    'etc/cni/net.d/10-lab.conflist': podNetwork(machine),
    'etc/kubernetes/kubelet.conf': await pki(`${name}.conf`),
    'etc/kubernetes/ca.crt': await pki('ca.crt'),
    'etc/default/kubelet': 'KUBELET_EXTRA_ARGS=--node-labels=role=gitlab-runner\n',
    ...Object.fromEntries(Object.entries(options.logins).map(([user, key]) => [`etc/ssh/authorized_keys/${user}`, key])),
  };
  const secret = /system-connections|kubelet\.conf/;
  for (const [file, content] of Object.entries(files)) {
    await mkdir(path.join(root, path.dirname(file)), { recursive: true, mode: 0o755 });
    await writeFile(path.join(root, file), content, { mode: secret.test(file) ? 0o600 : 0o644 });
  }
  const hostKey = path.join(root, 'etc/ssh/ssh_host_ed25519_key');
  await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', hostKey]);
  await must('tar', ['-C', root, '--owner=0', '--group=0', '-cf', options.tar, '.']);
  const [type, key] = (await readFile(`${hostKey}.pub`, 'utf8')).split(' ');
  await rm(root, { recursive: true });
  return `${type} ${key}`;
};
