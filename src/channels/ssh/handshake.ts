import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { Client, type ServerHostKeyAlgorithm } from 'ssh2';
import { ConnectionError } from '../../core/error.ts';
import { bounded } from './bound.ts';
import { gatherWrites } from './gather.ts';
import { type Whom, hostKeyCheck } from './host-keys.ts';
import { readCredentials } from './keys.ts';
import { fingerprint, keyType, readKnownHosts } from './known-hosts.ts';
import { handshakes } from './limits.ts';
import type { HostConfig } from './ssh-config.ts';

/** How long a TCP connection may take, and then the handshake with authentication. */
export const DIAL_MS = 10_000;
const READY_MS = 10_000;
/** A dead peer is noticed after 3 unanswered questions, 5 s apart: within 20 s. */
const KEEPALIVE = { keepaliveInterval: 5000, keepaliveCountMax: 3 };

/** A connection after host key check and authentication; `hostKey` is the fingerprint of `key`. */
export type Shaken = { readonly client: Client; readonly hostKey: string; readonly key: Buffer };

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  EHOSTUNREACH: 'no route to it',
  ENETUNREACH: 'no route to its network',
  ENOTFOUND: 'the name is not known',
  ECONNRESET: 'it closed the connection',
  ETIMEDOUT: 'no answer',
};
const inWords = (error: Error): string => {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return words[code] === undefined ? error.message : `${words[code]} (${code})`;
};

/** Opens a TCP connection without Nagle's delay, which costs 90 ms a command otherwise. @throws ConnectionError unreachable */
export const dial = (host: string, port: number, signal: AbortSignal): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    const { signal: ends, release } = bounded(signal, DIAL_MS);
    const socket = connect({ host, port, noDelay: true });
    gatherWrites(socket);
    const fail = (message: string, cause?: unknown): void => {
      release();
      ends.removeEventListener('abort', abort);
      socket.destroy();
      reject(new ConnectionError('unreachable', message, { cause }));
    };
    const abort = (): void => fail(`no answer on port ${port} within ${DIAL_MS / 1000} s`);
    socket.on('error', (error) => fail(`port ${port}: ${inWords(error)}`, error));
    socket.once('connect', () => {
      release();
      ends.removeEventListener('abort', abort);
      resolve(socket);
    });
    if (ends.aborted) abort();
    else ends.addEventListener('abort', abort, { once: true });
  });

const algorithmsOf = (names: readonly string[]): ServerHostKeyAlgorithm[] => {
  const known: readonly ServerHostKeyAlgorithm[] = [
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'rsa-sha2-512',
    'rsa-sha2-256',
    'ssh-rsa',
  ];
  return names.flatMap((name) => known.filter((one) => one === name));
};

/**
 * Shakes hands over a socket: host key, then authentication. The connection keeps an error listener for life, as an event without one would
 * end the process. At most twelve at once in this process.
 *
 * @returns `retype`, the type of key that was shown, where the pinned key may be one of another type
 * @throws ConnectionError
 */
export const handshake = async (
  sock: Duplex,
  config: HostConfig,
  whom: Whom,
  signal: AbortSignal,
  shown: readonly string[] = [],
): Promise<Shaken | { readonly retype: string; readonly error: ConnectionError }> => {
  const leave = await handshakes.enter(signal).catch((cause: unknown) => {
    sock.destroy();
    throw new ConnectionError('unreachable', 'it was given up before its turn came', { cause });
  });
  try {
    const [lines, credentials] = await Promise.all([readKnownHosts(config.knownHosts), readCredentials(config)]);
    const check = hostKeyCheck(lines, whom, config.knownHosts[0] ?? '~/.ssh/known_hosts', shown);
    const client = new Client();
    let offered: Buffer = Buffer.alloc(0);
    let refusal: string | null = null;
    const notes: string[] = [];
    return await new Promise((resolve, reject) => {
      const abort = (): void => fail(new ConnectionError('unreachable', 'it was given up during the handshake'));
      const fail = (error: ConnectionError): void => {
        signal.removeEventListener('abort', abort);
        client.destroy();
        sock.destroy();
        reject(error);
      };
      client.on('error', (error: Error & { level?: string }) => {
        if (error.level === 'agent') return void notes.push(`the agent failed: ${error.message}`);
        if (refusal !== null) {
          const wrong = new ConnectionError('host-key', refusal, { cause: error });
          if (!check.typeUnknown || check.algorithms.length <= 1) return fail(wrong);
          signal.removeEventListener('abort', abort);
          client.destroy();
          return resolve({ retype: keyType(offered), error: wrong });
        }
        if (/no matching host key/.test(error.message)) {
          return fail(
            new ConnectionError('host-key', `it has no host key of a type that drover can check (${check.algorithms.join(', ')})`, {
              cause: error,
            }),
          );
        }
        if (error.level === 'client-authentication') {
          const tried = credentials.tried.length === 0 ? 'there was no key to try' : `tried ${credentials.tried.join(', ')}`;
          const rest = [...notes, ...credentials.left].map((note) => `; ${note}`).join('');
          return fail(new ConnectionError('authentication', `it did not let ${config.user} in: ${tried}${rest}`, { cause: error }));
        }
        fail(new ConnectionError('unreachable', inWords(error), { cause: error }));
      });
      client.on('close', () => fail(new ConnectionError('unreachable', 'it closed the connection during the handshake')));
      client.on('ready', () => {
        signal.removeEventListener('abort', abort);
        resolve({ client, hostKey: fingerprint(offered), key: offered });
      });
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      client.connect({
        sock,
        username: config.user,
        authHandler: credentials.methods,
        readyTimeout: READY_MS,
        ...KEEPALIVE,
        algorithms: {
          serverHostKey: algorithmsOf(check.algorithms),
          cipher: { prepend: ['aes128-gcm@openssh.com'], append: [], remove: [] },
        },
        hostVerifier: (key: Buffer) => {
          offered = key;
          refusal = check.refuse(key);
          return refusal === null;
        },
      });
    });
  } finally {
    leave();
  }
};
