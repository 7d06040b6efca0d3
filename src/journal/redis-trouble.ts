import type { Redis } from 'ioredis';
import { DroverError, RedisError } from '../core/error.ts';

type Trouble = { readonly message: string; readonly code: string };

/** What last went wrong with a connection; ioredis tells it in an event and then rejects commands with "Connection is closed." */
const lastTrouble = new WeakMap<Redis, Trouble>();

/** What ioredis says of a server that is silent, in words. */
const silences: readonly (readonly [RegExp, (ms: string) => string])[] = [
  [/^Socket timeout\..* in (\d+)\s?ms/, (ms) => `it has not answered for ${Number(ms) / 1000} s`],
  [/^Command timed out/, () => 'a command got no answer in time'],
  [/^Reached the max retries per request limit/, () => 'a command was tried again and again'],
];

const inWords = (message: string): string => {
  for (const [pattern, words] of silences) {
    const found = pattern.exec(message);
    if (found) return words(found[1] ?? '');
  }
  return message;
};

/** Keeps what goes wrong with a connection, so that a command that fails for it can say why. Without a listener ioredis prints to stderr. */
export const watchTrouble = (redis: Redis): void => {
  redis.on('error', (error: Error & { readonly code?: string }) => {
    const code = error.code ?? '';
    // an AggregateError of node:net has no message of its own
    lastTrouble.set(redis, { message: error.message === '' ? code || error.name : inWords(error.message), code });
  });
};

/** Where a connection goes, without user and password. */
export const redisPlaceOf = ({ options }: Redis): string =>
  typeof options.path === 'string'
    ? options.path
    : `${options.tls ? 'rediss' : 'redis'}://${options.host ?? 'localhost'}:${options.port ?? 6379}`;

/** Answers of the server that another try may change: it loads its data, fails over, or a script keeps it busy. */
const passing = /^(LOADING|BUSY|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|READONLY|NOREPLICAS)\b/;
const badLogin = /^(WRONGPASS|NOAUTH)\b|^ERR .*AUTH/;
/** Inside a script, Redis 6 and 7.0 say it without the word. */
const notAllowed = /\bNOPERM\b|The user executing the script can't/;

/** Whether Redis refused a command because of who asked: no other try changes that. */
export const isRefusal = (error: unknown): error is Error =>
  error instanceof Error && (badLogin.test(error.message) || notAllowed.test(error.message));

const authority = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

/** What to do about a connection that does not come about. */
const advice = (redis: Redis, code: string): string => {
  if (!redis.options.tls) return 'start it or set REDIS_URL (rediss:// where it speaks TLS)';
  if (authority.has(code)) {
    return "no authority that this machine trusts has signed its certificate: name the file with the authority's certificate in NODE_EXTRA_CA_CERTS";
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'write it in REDIS_URL with a name for which its certificate was made';
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return "renew its certificate, or set this machine's clock";
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return 'it does not speak TLS there: write its TLS port, or redis://';
  return 'start it or set REDIS_URL (redis:// where it does not speak TLS)';
};

/** Says in words what a failed command means: where, why, and what to do. Errors of drover pass unchanged. */
export const redisTrouble = (redis: Redis, error: unknown): DroverError => {
  if (error instanceof DroverError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const place = redisPlaceOf(redis);
  if (isRefusal(error)) {
    const user = redis.options.username ?? 'default';
    const todo = badLogin.test(message)
      ? 'check the user and the password in REDIS_URL'
      : `the user ${user} may not do all that drover needs: see README, "Workers on several machines"`;
    return new RedisError(`Redis at ${place} refuses: ${message.replace(/ script: [0-9a-f]{40}.*/, '')}; ${todo}`, { cause: error });
  }
  if (error instanceof Error && error.name === 'ReplyError') {
    return new RedisError(`Redis at ${place} answered with an error: ${message}`, { transient: passing.test(message), cause: error });
  }
  const why = lastTrouble.get(redis);
  const what = inWords(message);
  return new RedisError(
    `Redis at ${place} cannot be reached: ${why === undefined || why.message === what ? what : `${why.message} (${what})`}; ${advice(redis, why?.code ?? '')}`,
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
