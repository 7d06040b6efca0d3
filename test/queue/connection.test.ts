import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { RedisError, UsageError } from '../../src/core/error.ts';
import { onRedis, watchTrouble } from '../../src/journal/redis-trouble.ts';
import { type Connect, connectRedis, reachRedis } from '../../src/queue/connection.ts';
import { redisHealth } from '../../src/queue/redis-health.ts';
import { ensureRedis, stopRedis } from '../../src/queue/redis-server.ts';
import { type PrivateRedis, startRedis, tempDir } from './private-redis.ts';
import { freePort } from './shared-redis.ts';

const open: Redis[] = [];
const dirs: string[] = [];
const freshDir = (): string => {
  const dir = tempDir();
  dirs.push(dir);
  return dir;
};
const connected = (to: Connect): Redis => {
  const redis = connectRedis(to);
  open.push(redis);
  return redis;
};
afterEach(async () => {
  for (const redis of open.splice(0)) redis.disconnect();
  for (const stateDir of dirs.splice(0)) {
    await stopRedis({ stateDir });
    rmSync(stateDir, { recursive: true, force: true });
  }
});

const troubleOf = async (redis: Redis): Promise<RedisError> => {
  try {
    await reachRedis(redis);
  } catch (error) {
    if (error instanceof RedisError) return error;
    throw error;
  }
  throw new Error('Redis was reached');
};

/** Lets a private Redis listen on the loopback as well, with a user that needs a password. */
const listen = async ({ redis }: PrivateRedis, rights: readonly string[]): Promise<number> => {
  const port = await freePort();
  await redis.config('SET', 'bind', '127.0.0.1');
  await redis.config('SET', 'port', String(port));
  await redis.acl('SETUSER', 'ops', 'on', '>s#cret', '~*', '&*', ...rights);
  return port;
};

test('says where it looked for a socket that nobody serves, and gives up within seconds', async () => {
  const socket = join(freshDir(), 'redis.sock');
  const since = performance.now();
  const error = await troubleOf(connected({ socket, name: 'test' }));
  expect(error.message).toBe(
    `Redis at ${socket} cannot be reached: connect ENOENT ${socket} (Connection is closed.); start it or set REDIS_URL (rediss:// where it speaks TLS)`,
  );
  expect(error.transient).toBe(true);
  expect(performance.now() - since).toBeLessThan(6000);
});

test('says where it looked for a port that nobody serves, without the password', async () => {
  const port = await freePort();
  const error = await troubleOf(connected({ url: `redis://ops:s%23cret@127.0.0.1:${port}`, name: 'test' }));
  expect(error.message).toContain(`Redis at redis://127.0.0.1:${port} cannot be reached: connect ECONNREFUSED`);
  expect(JSON.stringify(error)).not.toContain('cret');
});

test.each(['localhost:6379', 'http://127.0.0.1', 'redis:/s%23cret', 'redis://ops:s%cret@127.0.0.1', ''])(
  'refuses %j as the address of a Redis',
  (url) => {
    expect(() => connectRedis({ url, name: 'test' })).toThrow(UsageError);
    expect(() => connectRedis({ url, name: 'test' })).toThrow(/^REDIS_URL is no address of a Redis: write redis:\/\/HOST:PORT(?!.*cret)/);
  },
);

test('logs in as the user that the address names, and says when the password is wrong', async () => {
  await using server = await startRedis();
  const port = await listen(server, ['+@all']);
  const redis = connected({ url: `redis://ops:s%23cret@127.0.0.1:${port}`, name: 'test-name' });
  await reachRedis(redis);
  expect(await redis.call('ACL', 'WHOAMI')).toBe('ops');
  expect(String(await redis.client('LIST'))).toContain('name=test-name');
  const error = await troubleOf(connected({ url: `redis://ops:wrong@127.0.0.1:${port}`, name: 'test' }));
  expect(error.message).toContain(`Redis at redis://127.0.0.1:${port} refuses: WRONGPASS`);
  expect(error.message).toContain('check the user and the password in REDIS_URL');
  expect(error.transient).toBe(false);
});

test('says which command the user may not use', async () => {
  await using server = await startRedis();
  const port = await listen(server, ['+@all', '-get']);
  const redis = connected({ url: `redis://ops:s%23cret@127.0.0.1:${port}`, name: 'test' });
  await expect(onRedis(redis, () => redis.get('a'))).rejects.toThrow(
    /refuses: NOPERM .*'get'.*the user ops may not do all that drover needs/,
  );
});

test.each([
  [{ socketTimeout: 50 }, 'it has not answered for 0.05 s'],
  [{ commandTimeout: 50 }, 'a command got no answer in time'],
])('says in its own words that a server is silent: %j', async (bound, words) => {
  const path = join(freshDir(), 'silent.sock');
  const server = createServer().listen(path);
  const redis = new Redis({ path, retryStrategy: () => null, ...bound });
  open.push(redis);
  watchTrouble(redis);
  await expect(onRedis(redis, () => redis.ping())).rejects.toThrow(`Redis at ${path} cannot be reached: ${words}`);
  server.close();
});

test('speaks TLS where the address says rediss', async () => {
  const port = await freePort();
  const firstByte = new Promise<number | undefined>((resolve) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (data: Buffer) => {
        resolve(data[0]);
        socket.destroy();
        server.close();
      });
    });
    server.listen(port, '127.0.0.1');
  });
  connected({ url: `rediss://127.0.0.1:${port}`, name: 'test' });
  // a TLS handshake record; RESP would begin with an asterisk
  expect(await firstByte).toBe(0x16);
});

test('waits for a Redis that is restarted, and then runs the command', async () => {
  await using server = await startRedis();
  const redis = server.connect('test');
  await redis.set('key', 'value');
  await server.kill();
  const reading = onRedis(redis, () => redis.get('key'));
  await ensureRedis({ stateDir: server.stateDir });
  expect(await reading).toBe('value');
});

test('brings a private Redis back by itself when it was given the means', async () => {
  await using server = await startRedis();
  const redis = connectRedis({ socket: server.socket, name: 'test', revive: () => ensureRedis({ stateDir: server.stateDir }) });
  try {
    await redis.set('key', 'value');
    await server.kill();
    expect(await onRedis(redis, () => redis.get('key'))).toBe('value');
  } finally {
    // before the server is stopped, which it would undo
    redis.disconnect();
  }
});

test('fails a command in words when Redis stays away, after about ten seconds, and works again when it is back', async () => {
  await using server = await startRedis();
  const redis = server.connect('test');
  await redis.set('key', 'value');
  await server.kill();
  const since = performance.now();
  const error = await troubleOf(redis);
  expect(performance.now() - since).toBeLessThan(12_000);
  expect(error.message).toContain(`Redis at ${server.socket} cannot be reached: connect ECONNREFUSED`);
  expect(error.transient).toBe(true);
  await ensureRedis({ stateDir: server.stateDir });
  expect(await redis.get('key')).toBe('value');
});

test('waits for a Redis that comes later where a worker waits', async () => {
  const stateDir = freshDir();
  const redis = connected({ socket: join(stateDir, 'redis.sock'), name: 'test', forWorker: true });
  const reached = reachRedis(redis).then(() => 'reached');
  // others have given up by then
  expect(await Promise.race([reached, wait(2600, 'waiting')])).toBe('waiting');
  await ensureRedis({ stateDir });
  expect(await reached).toBe('reached');
});

test('finds nothing to complain about in the private Redis', async () => {
  await using server = await startRedis();
  expect(await redisHealth(server.redis)).toEqual([]);
});

test('warns of each setting with which Redis could lose a run', async () => {
  await using server = await startRedis();
  await server.redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  await server.redis.config('SET', 'appendfsync', 'everysec');
  expect(await redisHealth(server.redis)).toEqual([
    'maxmemory-policy is allkeys-lru: when memory runs short, Redis would drop journals and jobs; CONFIG SET maxmemory-policy noeviction',
    'appendfsync is everysec: a crash of the machine loses the last second of the journal; CONFIG SET appendfsync always',
  ]);
  await server.redis.config('SET', 'appendonly', 'no');
  expect((await redisHealth(server.redis))[1]).toContain('appendonly is no: a restart of Redis loses what it has not saved');
});

test('says what it could not look at where CONFIG is not allowed', async () => {
  await using server = await startRedis();
  const port = await listen(server, ['+@all', '-config']);
  expect(await redisHealth(connected({ url: `redis://ops:s%23cret@127.0.0.1:${port}`, name: 'test' }))).toEqual([
    'appendfsync could not be read (CONFIG is not allowed here): make sure that it is always',
  ]);
});
