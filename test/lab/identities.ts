import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createPki } from './pki.ts';
import { must } from './process.ts';
import { createSeed } from './seed.ts';
import type { Machine } from './topology.ts';

/**
 * Makes all keys of a lab in a folder, and the machines' seeds with them.
 *
 * `pki` is the cluster's; `ssh/observer` is the lab's own key (root), `ssh/drover` is drover's (users ops and nosudo); `ssh/known_hosts` names machines by
 * name, not by address; NAME.seed.tar is a machine's seed.
 */
export const createIdentities = async (folder: string, machines: readonly Machine[]): Promise<void> => {
  const ssh = path.join(folder, 'ssh');
  const pki = path.join(folder, 'pki');
  await mkdir(ssh, { mode: 0o700 });
  const names = machines.map(({ name }) => name);
  await createPki(pki, names);
  const newLogin = async (name: string): Promise<string> => {
    const file = path.join(ssh, name);
    await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file]);
    return readFile(`${file}.pub`, 'utf8');
  };
  const [observer, drover] = [await newLogin('observer'), await newLogin('drover')];
  const known: string[] = [];
  for (const machine of machines) {
    const tar = path.join(folder, `${machine.name}.seed.tar`);
    const hostKey = await createSeed(machine, { tar, pki, logins: { root: observer, ops: drover, nosudo: drover } });
    known.push(`${machine.name} ${hostKey}\n`);
  }
  await writeFile(path.join(ssh, 'known_hosts'), known.join(''));
};
