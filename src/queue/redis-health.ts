import type { Redis } from 'ioredis';
import { onRedis } from '../journal/redis-trouble.ts';

type Info = ReadonlyMap<string, string>;

/** Lines `name:value` of INFO. Source: https://redis.io/docs/latest/commands/info/ */
const readInfo = (text: string): Info =>
  new Map(
    text.split('\r\n').flatMap((line): [string, string][] => {
      const at = line.indexOf(':');
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)]] : [];
    }),
  );

const versionWarning = (version: string): string[] => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 6 || (major === 6 && minor >= 2) ? [] : [`Redis is version ${version}: BullMQ wants 6.2 or newer`];
};

const policyWarning = (policy: string | undefined): string[] =>
  policy === undefined || policy === 'noeviction'
    ? []
    : [`maxmemory-policy is ${policy}: when memory runs short, Redis would drop journals and jobs; CONFIG SET maxmemory-policy noeviction`];

const fsyncWarning = (fsync: string | undefined): string[] => {
  if (fsync === undefined) return ['appendfsync could not be read (CONFIG is not allowed here): make sure that it is always'];
  if (fsync === 'always') return [];
  const lost = fsync === 'everysec' ? 'the last second of the journal' : 'what the kernel has not written yet';
  return [`appendfsync is ${fsync}: a crash of the machine loses ${lost}; CONFIG SET appendfsync always`];
};

/** Looks at how safe a Redis keeps what it is given. Empty: as it should be. @throws RedisError */
export const redisHealth = async (redis: Redis): Promise<readonly string[]> => {
  const info = readInfo(await onRedis(redis, () => redis.info()));
  // managed services refuse CONFIG; INFO tells most of it
  const config = await redis.config('GET', 'appendfsync').catch(() => undefined);
  const fsync = Array.isArray(config) && typeof config[1] === 'string' ? config[1] : undefined;
  const keepsLog = info.get('aof_enabled') === '1';
  return [
    ...versionWarning(info.get('redis_version') ?? '0'),
    ...policyWarning(info.get('maxmemory_policy')),
    ...(keepsLog
      ? fsyncWarning(fsync)
      : ['appendonly is no: a restart of Redis loses what it has not saved; CONFIG SET appendonly yes, and CONFIG SET appendfsync always']),
    ...(info.get('role') === 'slave' ? ['this Redis is a replica and takes no writes: point REDIS_URL to its primary'] : []),
    ...(Number(info.get('connected_slaves') ?? 0) > 0
      ? ['this Redis has replicas: a failover may lose writes that were acknowledged; drover then goes by what the nodes show']
      : []),
  ];
};
