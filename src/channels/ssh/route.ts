import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { ConnectionError } from '../../core/error.ts';
import type { SshSettings } from '../../core/event.ts';
import { DIAL_MS, dial, handshake } from './handshake.ts';
import { type HostConfig, type SshConfig, parseDestination } from './ssh-config.ts';

/** A way to a port, and what to call when it is no longer used. */
export type Way = { readonly socket: Duplex; readonly release: () => void };

type Jump = { readonly client: Promise<Client>; users: number };
/** Connections to jump hosts, shared by all nodes behind them: a bastion admits few logins at once (MaxStartups of sshd_config(5)). */
const jumps = new Map<string, Jump>();

const forward = (client: Client, host: string, port: number, signal: AbortSignal): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    const ends = AbortSignal.any([signal, AbortSignal.timeout(DIAL_MS)]);
    const fail = (why: string): void => reject(new ConnectionError('unreachable', `the jump host cannot reach it on port ${port}: ${why}`));
    const abort = (): void => fail(`no answer within ${DIAL_MS / 1000} s`);
    ends.addEventListener('abort', abort, { once: true });
    try {
      client.forwardOut('127.0.0.1', 0, host, port, (error, stream) => {
        ends.removeEventListener('abort', abort);
        if (error) return fail(error.message);
        if (ends.aborted) return stream.destroy();
        stream.on('error', () => undefined);
        resolve(stream);
      });
    } catch (error) {
      fail(error instanceof Error ? error.message : String(error));
    }
  });

/** Rejects when the signal aborts. */
const given = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const abort = (): void => reject(new ConnectionError('unreachable', 'it was given up while the jump host was dialled'));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });

const jumpSettings = (text: string, settings: SshSettings): SshSettings & { readonly host: string } => {
  const { user, host, port } = parseDestination(text);
  return { ...settings, user, port, jump: 'none', host };
};

/** Connects to the last of a chain of jump hosts, through the others. */
const connectJump = async (chain: readonly string[], ssh: SshConfig, settings: SshSettings): Promise<Client> => {
  const last = chain.at(-1) ?? '';
  const { host, ...own } = jumpSettings(last, settings);
  const first = chain.length === 1 ? ssh.resolve([host], { ...own, jump: null }, settings.user) : null;
  const config: HostConfig = first ?? ssh.resolve([host], own, settings.user);
  // never through itself: `Host *` with a ProxyJump also speaks of the jump host
  const before = first === null ? chain.slice(0, -1) : first.jumps.filter((jump) => parseDestination(jump).host !== host);
  const signal = AbortSignal.timeout(2 * DIAL_MS);
  const way = await open({ ...config, jumps: before }, ssh, settings, signal);
  try {
    const shaken = await handshake(way.socket, config, { name: host, address: config.host, port: config.port, pin: null }, signal);
    if ('retype' in shaken) throw shaken.error;
    shaken.client.on('close', way.release);
    return shaken.client;
  } catch (error) {
    way.release();
    if (!(error instanceof ConnectionError)) throw error;
    throw new ConnectionError(error.reason, `jump host ${host}: ${error.message}`, { cause: error });
  }
};

/** Opens a way to a machine: TCP, or through its jump hosts. @throws ConnectionError */
export const open = async (config: HostConfig, ssh: SshConfig, settings: SshSettings, signal: AbortSignal): Promise<Way> => {
  if (config.jumps.length === 0) {
    const socket = await dial(config.host, config.port, signal);
    return { socket, release: () => socket.destroy() };
  }
  const key = JSON.stringify([config.jumps, settings, ssh.home]);
  const known = jumps.get(key);
  let jump: Jump;
  if (known) {
    jump = known;
  } else {
    const made = connectJump(config.jumps, ssh, settings).then((client) => {
      client.on('close', () => {
        if (jumps.get(key) === jump) jumps.delete(key);
      });
      return client;
    });
    jump = { client: made, users: 0 };
    jumps.set(key, jump);
    made.catch(() => jumps.get(key) === jump && jumps.delete(key));
  }
  jump.users += 1;
  let released = false;
  const release = (): void => {
    if (released) return;
    released = true;
    jump.users -= 1;
    if (jump.users > 0) return;
    if (jumps.get(key) === jump) jumps.delete(key);
    jump.client.then(
      (client) => client.end(),
      () => undefined,
    );
  };
  try {
    const client = await Promise.race([jump.client, given(signal)]);
    const socket = await forward(client, config.host, config.port, signal);
    return {
      socket,
      release: () => {
        socket.destroy();
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
};
