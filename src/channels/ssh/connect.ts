import type { Client } from 'ssh2';
import { type Attempt, CancelledError, ConnectionError, type ConnectionReason } from '../../core/error.ts';
import type { SshSettings } from '../../core/event.ts';
import type { CallOptions, Hello, Target } from '../../core/ports.ts';
import { type Connection, connection } from './exec.ts';
import { handshake } from './handshake.ts';
import { identify } from './identity.ts';
import { race } from './race.ts';
import { open } from './route.ts';
import type { SshConfig } from './ssh-config.ts';

/** A node that has proved who it is. */
export type Line = {
  readonly to: Connection;
  readonly hello: Hello;
  /** The host key that it showed. */
  readonly key: Buffer;
  readonly root: boolean;
  readonly user: string;
  readonly client: Client;
};

const STAGGER_MS = 200;
/** What a person has to know first: another machine before a missing right, that before mere silence. */
const WORST: readonly ConnectionReason[] = ['host-key', 'identity', 'sudo', 'authentication', 'unreachable'];

/** Way, handshake, identity at one address. A server may be asked for another type of host key when it has shown one that cannot be the pinned. */
const tryAddress = async (
  target: Target,
  address: string,
  ssh: SshConfig,
  settings: SshSettings,
  options: CallOptions,
  shown: readonly string[] = [],
): Promise<Line> => {
  const { signal } = options;
  const config = ssh.resolve([target.name, address], { ...settings }, null);
  const way = await open(config, ssh, settings, signal);
  const whom = { name: target.name, address, port: config.port, pin: target.identity?.hostKey ?? null };
  let client: Client | undefined;
  const give = (): void => void client?.destroy();
  try {
    const shaken = await handshake(way.socket, config, whom, signal, shown);
    if ('retype' in shaken) {
      way.release();
      if (shown.includes(shaken.retype)) throw shaken.error;
      return await tryAddress(target, address, ssh, settings, options, [...shown, shaken.retype]).catch((error: unknown) => {
        // the key that was shown says more than that there is no other
        throw error instanceof ConnectionError && error.reason === 'host-key' ? shaken.error : error;
      });
    }
    client = shaken.client;
    client.on('close', way.release);
    signal.addEventListener('abort', give, { once: true });
    const to = connection(client);
    const { identity, bootId, root } = await identify(to, config.user, target.identity, shaken.hostKey, options);
    return { to, hello: { identity, address, bootId }, key: shaken.key, root, user: config.user, client };
  } catch (error) {
    give();
    way.release();
    throw error;
  } finally {
    signal.removeEventListener('abort', give);
  }
};

const attemptOf = (address: string, error: unknown): Attempt => {
  if (error instanceof ConnectionError) return { address, reason: error.reason, message: error.message };
  throw error;
};

/**
 * Reaches a node at one of its addresses: all race, 200 ms apart, and only the node itself is accepted; the others are closed.
 *
 * @throws ConnectionError with what each address answered, its reason the one that matters most; CancelledError
 */
export const reach = async (target: Target, ssh: SshConfig, settings: SshSettings, options: CallOptions): Promise<Line> => {
  const addresses = target.addresses.length > 0 ? [...new Set(target.addresses)] : [target.name];
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  const raced = await race(addresses, (address, mine) => tryAddress(target, address, ssh, settings, { ...options, signal: mine }), {
    staggerMs: STAGGER_MS,
    signal,
    discard: (late) => late.client.destroy(),
  });
  if ('won' in raced) return raced.won;
  if (options.signal.aborted) throw new CancelledError(`connecting to ${target.name} was cancelled`);
  const attempts = addresses.map((address, index) => attemptOf(address, raced.lost[index]));
  const reason = WORST.find((one) => attempts.some((attempt) => attempt.reason === one)) ?? 'unreachable';
  const first = attempts.filter((attempt) => attempt.reason === reason);
  const others = attempts.filter((attempt) => attempt.reason !== reason);
  const said = [...first, ...others].map(({ address, message }) => `${address}: ${message}`).join('; ');
  throw new ConnectionError(reason, `cannot reach ${target.name}: ${said}`, { attempts });
};
