import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { addressesOf } from './fleet.ts';
import { type KeyPair, knownHostsLine, makeUserKey } from './keys.ts';
import type { SimNodeOptions } from './options.ts';

/** The files that drover is pointed at. */
export type Settings = {
  readonly fleetYaml: string;
  readonly kubeconfig: string;
  readonly identityFile: string;
  readonly knownHosts: string;
  readonly authorizedKey: string;
};

const kubeconfig = (url: string, token: string): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'sim',
    // the official client takes plain http only with this
    clusters: [{ name: 'sim', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'sim', user: { token } }],
    contexts: [{ name: 'sim', context: { cluster: 'sim', user: 'sim' } }],
  });

/** Writes fleet.yaml, a kubeconfig, a user key and known_hosts into a folder. */
export const writeSettings = async (
  dir: string,
  fleet: {
    readonly nodes: readonly SimNodeOptions[];
    readonly sshPort: number;
    readonly apiUrl: string;
    readonly token: string;
    hostKey(name: string): KeyPair;
  },
): Promise<Settings> => {
  await mkdir(dir, { recursive: true });
  const file = (name: string): string => path.join(dir, name);
  const settings = {
    fleetYaml: file('fleet.yaml'),
    kubeconfig: file('kubeconfig'),
    identityFile: file('id_ed25519'),
    knownHosts: file('known_hosts'),
  };
  const key = makeUserKey();
  const inventory = {
    cluster: { context: 'sim' },
    ssh: { user: 'ops', port: fleet.sshPort, identityFile: settings.identityFile, knownHosts: settings.knownHosts },
    nodes: Object.fromEntries(
      fleet.nodes.map(({ name, labels = {}, vars = {} }, index) => {
        const { address, newAddress } = addressesOf(index + 1);
        return [name, { address, labels, vars: { newAddress: `${newAddress}/24`, ...vars } }];
      }),
    ),
  };
  const known = fleet.nodes.map(({ name }, index) =>
    knownHostsLine(name, addressesOf(index + 1).address, fleet.sshPort, fleet.hostKey(name)),
  );
  await Promise.all([
    writeFile(settings.fleetYaml, stringify(inventory)),
    writeFile(settings.kubeconfig, kubeconfig(fleet.apiUrl, fleet.token), { mode: 0o600 }),
    writeFile(settings.identityFile, key.private, { mode: 0o600 }),
    writeFile(settings.knownHosts, known.join('')),
  ]);
  return { ...settings, authorizedKey: key.public };
};
