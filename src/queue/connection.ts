import { Redis } from 'ioredis';
import { RedisError } from '../core/error.ts';

/** Where Redis is, and who asks. A `url` may be rediss:// and name an ACL user. */
export type ConnectionOptions = ({ readonly url: string } | { readonly socket: string }) & {
  /** Shows in CLIENT LIST. */
  readonly name: string;
  /** BullMQ's workers want to wait for Redis for ever; commands want to give up. */
  readonly forWorker?: boolean;
};

const CONNECT_MS = 5000;
const RETRIES = 20;
const MAX_PAUSE_MS = 500;

/**
 * Opens a connection to Redis.
 *
 * A command that finds Redis away waits for it for about eight seconds, which a restart of the server fits into; a worker waits on.
 */
export const connectRedis = (options: ConnectionOptions): Redis => {
  const common = {
    connectionName: options.name,
    connectTimeout: CONNECT_MS,
    maxRetriesPerRequest: options.forWorker === true ? null : RETRIES,
    retryStrategy: (times: number) => Math.min(times * 50, MAX_PAUSE_MS),
  };
  const redis = 'url' in options ? new Redis(options.url, common) : new Redis({ ...common, path: options.socket });
  // without a listener a lost connection would be an uncaught exception; commands report it themselves
  redis.on('error', () => undefined);
  return redis;
};

/** A Redis URL without its password, for people. */
export const showUrl = (url: string): string => {
  const parsed = URL.parse(url);
  if (!parsed) return 'REDIS_URL';
  parsed.password = parsed.password === '' ? '' : '***';
  return parsed.href;
};

/** Makes sure that Redis answers. @throws RedisError with where it was looked for and what to do */
export const reachRedis = async (options: ConnectionOptions): Promise<void> => {
  const common = { connectionName: options.name, connectTimeout: CONNECT_MS, maxRetriesPerRequest: 0, retryStrategy: () => null, lazyConnect: true };
  const probe = 'url' in options ? new Redis(options.url, common) : new Redis({ ...common, path: options.socket });
  let why = '';
  probe.on('error', (error: Error) => {
    why ||= error.message;
  });
  try {
    await probe.connect();
    await probe.ping();
  } catch (error) {
    const where = 'url' in options ? showUrl(options.url) : options.socket;
    const message = why === '' && error instanceof Error ? error.message : why;
    throw new RedisError(`Redis at ${where} cannot be reached: ${message}; start it, set REDIS_URL to another, or unset it to use drover's private one`, { cause: error });
  } finally {
    probe.disconnect();
  }
};

const valueOf = (info: string, key: string): string => new RegExp(`^${key}:(.*)$`, 'm').exec(info)?.[1]?.trim() ?? '';

/** What about a Redis could lose work, as sentences; empty when nothing could. */
export const redisHealth = async (redis: Redis): Promise<readonly string[]> => {
  const info = await redis.info();
  const settings = await Promise.all(['maxmemory-policy', 'appendonly', 'appendfsync'].map(async (name) => (await redis.config('GET', name).catch(() => []) as unknown)));
  const setting = (index: number): string => (Array.isArray(settings[index]) ? String(settings[index][1] ?? '') : '');
  const [policy, appendonly, fsync] = [setting(0), setting(1), setting(2)];
  const [major = 0, minor = 0] = valueOf(info, 'redis_version').split('.').map(Number);
  const warnings: string[] = [];
  if (major < 6 || (major === 6 && minor < 2)) warnings.push(`Redis ${major}.${minor} is older than 6.2`);
  if (policy !== '' && policy !== 'noeviction') warnings.push(`maxmemory-policy is ${policy}: Redis may drop journals when memory runs out; set noeviction`);
  if (appendonly === 'no') warnings.push('appendonly is no: a restart of Redis loses what happened since its last snapshot; set appendonly yes');
  if (appendonly === 'yes' && fsync !== 'always') warnings.push(`appendfsync is ${fsync}: a crash of Redis may lose the last second; set always`);
  if (valueOf(info, 'role') === 'master' && Number(valueOf(info, 'connected_slaves')) > 0) warnings.push('Redis has replicas: a failover may lose writes that were acknowledged; drover then goes by what nodes know and show');
  return warnings;
};
