import path from 'node:path';
import { type Result, inNetns, run } from './process.ts';
import { type Machine, addressOn } from './topology.ts';

/** The lab's own way to its machines: the ssh program with a key of its own, as root. drover has another key and another user. */
export type Observer = { readonly netns: string; readonly ssh: string };

/** ssh(1) itself ends with 255 when it could not get through. */
export const noConnection = 255;

/** Runs one command on a machine at one of its addresses; the host key is looked up under the machine's name, wherever it answers. */
export const sshAt = (
  observer: Observer,
  machine: Machine,
  side: 'a' | 'b',
  command: string,
  how: { readonly connectSeconds?: number; readonly input?: Uint8Array } = {},
): Promise<Result> => {
  const options = {
    UserKnownHostsFile: path.join(observer.ssh, 'known_hosts'),
    HostKeyAlias: machine.name,
    StrictHostKeyChecking: 'yes',
    BatchMode: 'yes',
    LogLevel: 'ERROR',
    ConnectTimeout: String(how.connectSeconds ?? 60),
    ServerAliveInterval: '5',
    ServerAliveCountMax: '6',
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const ssh = ['ssh', '-F', 'none', '-i', path.join(observer.ssh, 'observer'), ...flags, `root@${addressOn(side, machine)}`, command];
  const [program, ...args] = inNetns(observer.netns, ssh);
  return run(program, args, { timeoutMs: 300_000, ...(how.input && { input: how.input }) });
};
