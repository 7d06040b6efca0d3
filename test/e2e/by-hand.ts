import { readFileSync } from 'node:fs';
import { Client } from 'ssh2';
import type { Sim } from '../../src/sim/index.ts';

/** Runs a command on a node as a person does: over ssh, with sudo, past drover. @returns what it printed */
export const onNode = async (sim: Sim, address: string, command: string): Promise<string> => {
  const client = new Client();
  const ready = new Promise<void>((resolve, reject) => {
    client.on('ready', resolve).on('error', reject);
  });
  client.connect({ host: address, port: sim.sshPort, username: 'ops', privateKey: readFileSync(sim.identityFile), readyTimeout: 10_000 });
  await ready;
  try {
    return await new Promise<string>((resolve, reject) => {
      client.exec(`sudo -n sh -c '${command}'`, (error, stream) => {
        if (error) return reject(error);
        let text = '';
        stream.on('data', (data: Buffer) => (text += data.toString()));
        stream.stderr.on('data', (data: Buffer) => (text += data.toString()));
        stream.on('close', (code: number | null) =>
          code === 0 ? resolve(text) : reject(new Error(`${command} ended with ${code} on ${address}: ${text}`)),
        );
        stream.end();
      });
    });
  } finally {
    client.end();
  }
};

/** Changes a Node object as kubectl does, e.g. `{ spec: { unschedulable: true } }`. */
export const patchNode = async (sim: Sim, name: string, body: object): Promise<void> => {
  const token = /token: (\S+)/.exec(readFileSync(sim.kubeconfig, 'utf8'))?.[1] ?? '';
  const response = await fetch(`${sim.apiUrl}/api/v1/nodes/${name}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`the API answered ${response.status}: ${await response.text()}`);
};
