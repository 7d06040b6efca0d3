import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Real sshds on loopback, one an address, each in a mount namespace of its own with an empty /var/lib and home. */
export type Nodes = {
  readonly addresses: readonly string[];
  readonly port: number;
  /** Paths of the private key, and of a known_hosts file that has all addresses. */
  readonly key: string;
  readonly knownHosts: string;
  /** The host key that every address has: its public key blob, base64. */
  readonly hostKey: string;
  stop(): void;
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))));
    });
  });

const answers = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (up: boolean): void => {
      socket.destroy();
      resolve(up);
    };
    socket.on('data', () => end(true));
    socket.on('error', () => end(false));
    socket.setTimeout(2000, () => end(false));
  });

/** Starts `count` nodes at 127.0.1.1 and up. @throws Error with what is missing */
export const startNodes = async (folder: string, count: number): Promise<Nodes> => {
  if (process.getuid?.() !== 0) throw new Error('the bench needs root: its sshds run in mount namespaces of their own');
  const sshd = '/usr/sbin/sshd';
  const made = (name: string): string => {
    const path = join(folder, name);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
    return path;
  };
  const host = made('host_key');
  const key = made('key');
  const port = await freePort();
  const addresses = Array.from({ length: count }, (_, index) => `127.0.1.${index + 1}`);
  const [type = '', hostKey = ''] = readFileSync(`${host}.pub`, 'utf8').split(' ');
  const knownHosts = join(folder, 'known_hosts');
  writeFileSync(knownHosts, addresses.map((address) => `[${address}]:${port} ${type} ${hostKey}\n`).join(''));
  const config = join(folder, 'sshd_config');
  const lines = [
    `Port ${port}`,
    `HostKey ${host}`,
    `AuthorizedKeysFile ${key}.pub`,
    'PermitRootLogin yes',
    'StrictModes no',
    'UsePAM no',
    'PidFile none',
    'LogLevel FATAL',
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  execFileSync('mkdir', ['-p', '/run/sshd']);
  // an empty home as well: a shell's start-up files are not what is measured
  const script = `mount -t tmpfs tmpfs /var/lib && mount -t tmpfs tmpfs /root && exec ${sshd} -D -e -f ${config} -o ListenAddress="$1"`;
  const children: ChildProcess[] = addresses.map((address) =>
    spawn('unshare', ['-m', 'sh', '-c', script, 'sh', address], { stdio: ['ignore', 'ignore', 'inherit'] }),
  );
  const stop = (): void => {
    for (const child of children) child.kill('SIGTERM');
  };
  for (let tries = 0; !(await answers(addresses.at(-1) ?? '', port)); tries += 1) {
    if (tries > 100) {
      stop();
      throw new Error(`${sshd} did not start; its words are above`);
    }
    await wait(100);
  }
  return { addresses, port, key, knownHosts, hostKey, stop };
};
