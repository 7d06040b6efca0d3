import type { Redis } from 'ioredis';
import { DroverError, RedisError } from '../core/error.ts';

/** What last went wrong with a connection; ioredis tells it in an event and then rejects commands with "Connection is closed." */
const lastTrouble = new WeakMap<Redis, string>();

/** Keeps what goes wrong with a connection, so that a command that fails for it can say why. Without a listener ioredis prints to stderr. */
export const watchTrouble = (redis: Redis): void => {
  redis.on('error', (error: Error & { readonly code?: string }) => {
    // an AggregateError of node:net has no message of its own
    lastTrouble.set(redis, error.message === '' ? (error.code ?? error.name) : error.message);
  });
};

/** Where a connection goes, without user and password. */
export const redisPlaceOf = ({ options }: Redis): string =>
  typeof options.path === 'string'
    ? options.path
    : `${options.tls ? 'rediss' : 'redis'}://${options.host ?? 'localhost'}:${options.port ?? 6379}`;

/** Answers of the server that another try may change: it loads its data, fails over, or a script keeps it busy. */
const passing = /^(LOADING|BUSY|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|READONLY|NOREPLICAS)\b/;
const refused = /^(WRONGPASS|NOAUTH|NOPERM)\b|^ERR .*AUTH/;

/** Says in words what a failed command means: where, why, and what to do. Errors of drover pass unchanged. */
export const redisTrouble = (redis: Redis, error: unknown): DroverError => {
  if (error instanceof DroverError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const place = redisPlaceOf(redis);
  if (refused.test(message)) {
    return new RedisError(`Redis at ${place} refuses: ${message}; check the user and the password in REDIS_URL and what the user may do`, {
      cause: error,
    });
  }
  if (error instanceof Error && error.name === 'ReplyError') {
    return new RedisError(`Redis at ${place} answered with an error: ${message}`, { transient: passing.test(message), cause: error });
  }
  const why = lastTrouble.get(redis);
  return new RedisError(
    `Redis at ${place} cannot be reached: ${why === undefined || why === message ? message : `${why} (${message})`}; start it or set REDIS_URL`,
    {
      transient: true,
      cause: error,
    },
  );
};

/** Runs what talks to Redis. @throws RedisError for all that goes wrong with it */
export const onRedis = async <T>(redis: Redis, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw redisTrouble(redis, error);
  }
};
