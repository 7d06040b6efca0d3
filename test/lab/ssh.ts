import { spawn } from 'node:child_process';
import path from 'node:path';
import { type Result, inNetns, run } from './process.ts';
import { type Machine, addressOn } from './topology.ts';

/** The lab's own way to its machines: the ssh program with a key of its own, as root. drover has another key and another user. */
export type Observer = { readonly netns: string; readonly ssh: string };

/** ssh(1) itself ends with 255 when it could not get through. */
export const noConnection = 255;

const flagsOf = (options: Readonly<Record<string, string>>): string[] =>
  Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);

const common = (observer: Observer, machine: Machine): Readonly<Record<string, string>> => ({
  UserKnownHostsFile: path.join(observer.ssh, 'known_hosts'),
  HostKeyAlias: machine.name,
  StrictHostKeyChecking: 'yes',
  BatchMode: 'yes',
  LogLevel: 'ERROR',
});

/** Runs one command on a machine at one of its addresses; the host key is looked up under the machine's name, wherever it answers. */
export const sshAt = (
  observer: Observer,
  machine: Machine,
  side: 'a' | 'b',
  command: string,
  how: { readonly connectSeconds?: number; readonly input?: Uint8Array } = {},
): Promise<Result> => {
  const flags = flagsOf({
    ...common(observer, machine),
    ConnectTimeout: String(how.connectSeconds ?? 60),
    ServerAliveInterval: '5',
    ServerAliveCountMax: '6',
  });
  const ssh = ['ssh', '-F', 'none', '-i', path.join(observer.ssh, 'observer'), ...flags, `root@${addressOn(side, machine)}`, command];
  const [program, ...args] = inNetns(observer.netns, ssh);
  return run(program, args, { timeoutMs: 300_000, ...(how.input && { input: how.input }) });
};

/** A login that stays open, for many commands one after another: without hardware help each new one costs seconds. */
export type Login = {
  run(command: string, input?: string): Promise<Result>;
  /** The same, with the output as it comes; the signal cuts the session, as a connection that is lost does. */
  stream(command: string, input: string, sink: Sink, severed?: AbortSignal): Promise<void>;
};

/** Takes output as it comes. */
export type Sink = { stdout(chunk: Buffer): void; stderr(chunk: Buffer): void };

/**
 * Logs in at the machine's address on side a, as root with the lab's key or as ops with drover's.
 *
 * The connection ends with the lab; `folder` takes its socket.
 */
export const openLogin = (observer: Observer, machine: Machine, user: 'root' | 'ops', folder: string): Login => {
  const key = path.join(observer.ssh, user === 'root' ? 'observer' : 'drover');
  const shared = { ControlMaster: 'auto', ControlPersist: '600', ControlPath: path.join(folder, `${user}.login`), ConnectTimeout: '60' };
  const flags = flagsOf({ ...common(observer, machine), ...shared });
  const words = (command: string): [string, ...string[]] =>
    inNetns(observer.netns, ['ssh', '-F', 'none', '-i', key, ...flags, `${user}@${addressOn('a', machine)}`, command]);
  return {
    run: (command, input = '') => {
      const [program, ...args] = words(command);
      return run(program, args, { input });
    },
    stream: (command, input, sink, severed) => {
      const [program, ...args] = words(command);
      return new Promise((resolve, reject) => {
        const child = spawn(program, args, { stdio: 'pipe', timeout: 300_000, killSignal: 'SIGKILL' });
        child.stdout.on('data', (chunk: Buffer) => sink.stdout(chunk));
        child.stderr.on('data', (chunk: Buffer) => sink.stderr(chunk));
        child.once('error', reject);
        child.once('close', () => resolve());
        // the login that is shared keeps the ends of the pipes until the command has ended
        severed?.addEventListener('abort', () => {
          child.kill('SIGKILL');
          child.stdout.destroy();
          child.stderr.destroy();
          resolve();
        });
        child.stdin.on('error', () => undefined);
        child.stdin.end(input);
      });
    },
  };
};
