import { copyFile, mkdir, symlink, writeFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { assets } from './requirements.ts';
import { type Machine, addressOn } from './topology.ts';

/** A person's account on the controller: home with ssh keys, kubeconfig, a folder with fleet.yaml, and the environment of a shell there. */
export type Account = { readonly folder: string; readonly fleet: string; readonly env: Readonly<Record<string, string>> };

/** What fleet.yaml says of the machines: at home on side a, to be moved to the same last octet on side b. */
const inventory = (identityFile: string, user: string, machines: readonly Machine[]): string =>
  stringify({
    cluster: { context: 'lab' },
    ssh: { user, identityFile },
    nodes: Object.fromEntries(
      machines.map((each) => [
        each.name,
        { address: addressOn('a', each), labels: { role: 'gitlab-runner' }, vars: { newAddress: `${addressOn('b', each)}/24` } },
      ]),
    ),
  });

/**
 * Makes an account from which drover is run, as a user would set it up.
 *
 * known_hosts has each machine under its name and its present address. PATH has drover, helm and the machine's own programs, not kubectl.
 */
export const createAccount = async (folder: string, ready: string, machines: readonly Machine[], user = 'ops'): Promise<Account> => {
  const home = path.join(folder, 'home');
  const ssh = path.join(home, '.ssh');
  const bin = path.join(folder, 'bin');
  const state = path.join(folder, 'state');
  for (const each of [ssh, state]) await mkdir(each, { recursive: true, mode: 0o700 });
  await mkdir(bin);
  await symlink(path.join(assets(), 'helm'), path.join(bin, 'helm'));
  await symlink(path.join(import.meta.dirname, '../../bin/drover'), path.join(bin, 'drover'));
  const identityFile = path.join(ssh, 'id_ed25519');
  await copyFile(path.join(ready, 'ssh/drover'), identityFile);
  const kubeconfig = path.join(home, 'kubeconfig');
  await copyFile(path.join(ready, 'pki/admin.conf'), kubeconfig);
  const hostKeys = await readFile(path.join(ready, 'ssh/known_hosts'), 'utf8');
  const known = machines.flatMap((each) =>
    hostKeys
      .split('\n')
      .filter((line) => line.startsWith(`${each.name} `))
      .map((line) => `${addressOn('a', each)},${line}\n`),
  );
  await writeFile(path.join(ssh, 'known_hosts'), known.join(''));
  const fleet = path.join(folder, 'fleet.yaml');
  await writeFile(fleet, inventory(identityFile, user, machines));
  const env = {
    HOME: home,
    XDG_STATE_HOME: state,
    KUBECONFIG: kubeconfig,
    PATH: `${bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    LANG: 'C.UTF-8',
    TERM: 'dumb',
  };
  return { folder, fleet, env };
};
