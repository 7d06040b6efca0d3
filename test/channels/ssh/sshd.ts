import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { SshSettings } from '../../../src/core/event.ts';
import type { CallOptions, NodeChannel, Target } from '../../../src/core/ports.ts';
import { sshChannel } from '../../../src/channels/ssh/channel.ts';
import { eventually } from '../../eventually.ts';
import { isAlive, makeRoot } from './shell.ts';

/** A user's home with a key, and a place for servers of its own. */
export type Home = { readonly path: string; readonly ssh: string; readonly knownHosts: string } & Disposable;

export const keygen = (file: string, type = 'ed25519', passphrase = ''): void => {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'drover-test', '-f', file]);
};
export const publicKey = (file: string): string => readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');

export const makeHome = (): Home => {
  const path = mkdtempSync(join(tmpdir(), 'drover-home-'));
  const ssh = join(path, '.ssh');
  mkdirSync(ssh, { mode: 0o700 });
  keygen(join(ssh, 'id_ed25519'));
  return { path, ssh, knownHosts: join(ssh, 'known_hosts'), [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
};

export type Sshd = {
  readonly port: number;
  readonly pid: number;
  /** The node's root folder, where the library keeps its state. */
  readonly root: string;
  readonly state: string;
  readonly keyFile: string;
  readonly hostKey: string;
  log(): string;
  /** Ends the listener and every session, as a power cut does. */
  kill(): void;
} & AsyncDisposable;

let ports = 20_000 + (process.pid % 20_000);
const freePort = async (): Promise<number> => {
  for (;;) {
    ports += 1;
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(ports, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return ports;
  }
};

const children = (pid: number): number[] => {
  try {
    const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return list === '' ? [] : list.split(' ').flatMap((child) => [Number(child), ...children(Number(child))]);
  } catch {
    return [];
  }
};

/** Runs a real sshd(8) in the foreground on 127.0.0.1; programs in `tools` stand before all others for those who log in. */
export const startSshd = async (
  home: Home,
  options: { readonly config?: string; readonly keyType?: string; readonly tools?: string } = {},
): Promise<Sshd> => {
  const root = makeRoot();
  const machineId = readFileSync('/etc/machine-id', 'utf8');
  writeFileSync(join(root.path, 'etc/machine-id'), machineId);
  writeFileSync(join(root.path, 'proc/sys/kernel/random/boot_id'), readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  const keyFile = join(root.path, 'host_key');
  keygen(keyFile, options.keyType);
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const path = `${options.tools === undefined ? '' : `${options.tools}:`}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
  for (let tries = 0; ; tries += 1) {
    const port = await freePort();
    const config = [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${keyFile}`,
      `AuthorizedKeysFile ${home.ssh}/id_ed25519.pub`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      // bash reads .bashrc under sshd at its first level only, and some take 200 ms
      `SetEnv DROVER_ROOT=${root.path} PATH=${path} SHLVL=1`,
      options.config ?? '',
    ].join('\n');
    const file = join(root.path, 'sshd_config');
    writeFileSync(file, config);
    let log = '';
    const child: ChildProcess = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    const pid = child.pid ?? -1;
    const up = await eventually('sshd listens', () => (log.includes('Server listening') ? 'yes' : child.exitCode !== null ? 'no' : false));
    if (up === 'no') {
      if (tries > 4) throw new Error(`sshd does not start: ${log}`);
      continue;
    }
    const kill = (): void => {
      for (const one of [pid, ...children(pid)]) {
        try {
          process.kill(one, 'SIGKILL');
        } catch {
          // it has ended by itself
        }
      }
    };
    return {
      port,
      pid,
      root: root.path,
      state: root.state,
      keyFile,
      hostKey: publicKey(keyFile),
      log: () => log,
      kill,
      [Symbol.asyncDispose]: async () => {
        kill();
        await eventually('sshd ends', () => !isAlive(pid));
        root[Symbol.dispose]();
      },
    };
  }
};

export const settings = (more: Partial<SshSettings> = {}): SshSettings => ({
  user: userInfo().username,
  port: null,
  jump: null,
  identityFile: null,
  knownHosts: null,
  ...more,
});

export const trust = (home: Home, name: string, hostKey: string): void => appendFileSync(home.knownHosts, `${name} ${hostKey}\n`);
export const channelTo = (home: Home, more: Partial<SshSettings>, env: Record<string, string> = {}): NodeChannel =>
  sshChannel({ settings: settings(more), name: 'node-1', home: home.path, agent: undefined, env });
export const target = (more: Partial<Target> = {}): Target => ({ name: 'node-1', addresses: ['127.0.0.1'], identity: null, ...more });
export const within = (timeoutMs = 15_000, signal: AbortSignal = new AbortController().signal): CallOptions => ({ signal, timeoutMs });

/** A TCP relay that can go silent: it then neither forwards nor closes, like a machine whose power is off behind a switch. */
export const startRelay = async (port: number): Promise<{ readonly port: number; silence(): void } & AsyncDisposable> => {
  const sockets = new Set<Socket>();
  let silent = false;
  const server: Server = createServer((from) => {
    const to = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      sockets.add(one);
      one.setNoDelay(true);
      one.on('data', (chunk) => {
        if (!silent) other.write(chunk);
      });
      one.on('error', () => undefined);
      one.on('close', () => {
        if (!silent) other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    silence: () => {
      silent = true;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

export const hasSshd = existsSync('/usr/sbin/sshd') && existsSync('/etc/machine-id');
