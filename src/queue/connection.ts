import { Redis, type RedisOptions } from 'ioredis';
import { UsageError } from '../core/error.ts';
import { onRedis, watchTrouble } from '../journal/redis-trouble.ts';
import { checkRights } from './redis-rights.ts';

/** Where Redis is, and what the connection is for. */
export type Connect = ({ readonly url: string } | { readonly socket: string }) & {
  /** Shows up in Redis' list of clients. */
  readonly name: string;
  /** For a BullMQ worker: it waits for Redis as long as it takes, and commands may block. */
  readonly forWorker?: boolean;
  /** Called when the connection was lost, one call at a time: brings a private Redis back, also one that was stopped. */
  revive?(): Promise<unknown>;
};

/** Who has never reached Redis gives up after this time. */
const FIRST_MS = 2000;
const CONNECT_MS = 5000;
/** Commands are tried again over this many reconnects, 100 ms to 1 s apart: for about ten seconds. */
const RETRIES = 9;
/** No command takes longer, whatever Redis does. */
const COMMAND_MS = 20_000;
/** A server that owes an answer for so long is taken for dead, and the connection is made anew. */
const SILENT_MS = 8000;
/** The same where commands block: BullMQ blocks for ten seconds at most. */
const SILENT_WORKER_MS = 30_000;

/** A `%` in a password that was not encoded. */
const decodes = ({ username, password }: URL): boolean => {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
};

const checkedUrl = (url: string): string => {
  const parsed = URL.parse(url);
  if (parsed && (parsed.protocol === 'redis:' || parsed.protocol === 'rediss:') && parsed.hostname !== '' && decodes(parsed)) return url;
  // the text may hold a password and is not shown
  throw new UsageError(
    `REDIS_URL is no address of a Redis: write redis://HOST:PORT, or rediss://USER:PASSWORD@HOST:PORT for TLS, with special characters of the password percent-encoded`,
  );
};

/**
 * Opens a connection to Redis; end it with `disconnect()`.
 *
 * Returns at once; `reachRedis` says whether it came about. A first connection that fails is given up after 2 s, a lost one is made anew
 * for ever: commands wait for that about 10 s, then fail.
 *
 * @throws UsageError for an address that is none
 */
export const connectRedis = (to: Connect): Redis => {
  const startedAt = Date.now();
  const forWorker = to.forWorker === true;
  let reached = forWorker;
  const options = {
    connectionName: to.name,
    connectTimeout: CONNECT_MS,
    retryStrategy: (times: number) => (!reached && Date.now() - startedAt > FIRST_MS ? null : Math.min(100 * 2 ** (times - 1), 1000)),
    // after a failover the old primary still answers, but takes no writes
    reconnectOnError: (error: Error) => (error.message.startsWith('READONLY') ? (2 as const) : false),
    ...(forWorker
      ? { maxRetriesPerRequest: null, socketTimeout: SILENT_WORKER_MS }
      : { maxRetriesPerRequest: RETRIES, socketTimeout: SILENT_MS, commandTimeout: COMMAND_MS }),
  } satisfies RedisOptions;
  const redis = 'url' in to ? new Redis(checkedUrl(to.url), options) : new Redis({ ...options, path: to.socket });
  watchTrouble(redis);
  redis.once('ready', () => {
    reached = true;
  });
  let reviving = false;
  redis.on('reconnecting', () => {
    if (reviving || !to.revive) return;
    reviving = true;
    void to
      .revive()
      // shows in the commands
      .catch(() => undefined)
      .finally(() => {
        reviving = false;
      });
  });
  return redis;
};

/**
 * Waits until Redis has answered, and where a user has logged in, until it is clear that they may do what drover needs.
 *
 * @throws RedisError that says where it was looked for and why it was not found; UsageError that names the missing rights
 */
export const reachRedis = async (redis: Redis): Promise<void> => {
  await onRedis(redis, () => redis.ping());
  if (redis.options.username) await checkRights(redis);
};
