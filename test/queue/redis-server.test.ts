import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { RedisError, UsageError } from '../../src/core/error.ts';
import { ensureRedis, stopRedis } from '../../src/queue/redis-server.ts';
import { type PrivateRedis, startRedis, tempDir } from './private-redis.ts';

const dirs: string[] = [];
const freshDir = (): string => {
  const dir = tempDir();
  dirs.push(dir);
  return dir;
};
afterEach(async () => {
  // a folder in another comes behind it and has to go first
  for (const stateDir of dirs.splice(0).toReversed()) {
    await stopRedis({ stateDir });
    rmSync(stateDir, { recursive: true, force: true });
  }
});

/** What a drover of its own does: makes sure of Redis, and tells which server answers it. */
const another = async (stateDir: string): Promise<number> => {
  const [server, connection] = ['redis-server', 'connection'].map((file) =>
    JSON.stringify(new URL(`../../src/queue/${file}.ts`, import.meta.url).pathname),
  );
  const program = `
    const { ensureRedis } = await import(${server});
    const { connectRedis } = await import(${connection});
    const redis = connectRedis({ socket: await ensureRedis({ stateDir: ${JSON.stringify(stateDir)} }), name: 'another' });
    console.log(/process_id:(\\d+)/.exec(await redis.info('server'))[1]);
    redis.disconnect();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { timeout: 20_000 });
  return Number(stdout);
};

const setting = async ({ redis }: PrivateRedis, name: string): Promise<string> =>
  String((await redis.config('GET', name)).toString().split(',')[1]);

test('starts a server that keeps what it acknowledged and that nobody else can reach', async () => {
  await using server = await startRedis();
  const wanted = { appendonly: 'yes', appendfsync: 'always', save: '', 'maxmemory-policy': 'noeviction', databases: '1', port: '0' };
  const found = await Promise.all(Object.keys(wanted).map(async (name) => [name, await setting(server, name)]));
  expect(Object.fromEntries(found)).toEqual(wanted);
  for (const path of [server.stateDir, server.socket, join(server.stateDir, 'redis')]) expect(statSync(path).mode & 0o077).toBe(0);
});

test('joins the server that runs, which outlives the drover that started it', async () => {
  const stateDir = freshDir();
  const first = await another(stateDir);
  expect(await another(stateDir)).toBe(first);
});

test('starts one server when several drovers come at once to a cold folder, and again after it was killed', async () => {
  const stateDir = freshDir();
  const cold = await Promise.all([1, 2, 3, 4].map(() => another(stateDir)));
  expect(new Set(cold).size).toBe(1);
  process.kill(cold[0] ?? 0, 'SIGKILL');
  const again = await Promise.all([1, 2, 3, 4].map(() => another(stateDir)));
  expect(new Set(again).size).toBe(1);
  expect(again[0]).not.toBe(cold[0]);
});

test('starts over the socket that a killed server left behind, and has lost nothing that was acknowledged', async () => {
  await using server = await startRedis();
  for (let index = 0; index < 50; index += 1) await server.redis.rpush('list', index);
  await server.kill();
  expect(statSync(server.socket).isSocket()).toBe(true);
  expect(await ensureRedis({ stateDir: server.stateDir })).toBe(server.socket);
  expect(await server.redis.llen('list')).toBe(50);
});

test('stops the server, and says when there was none', async () => {
  const stateDir = freshDir();
  expect(await stopRedis({ stateDir })).toBe(false);
  await ensureRedis({ stateDir });
  expect(await stopRedis({ stateDir })).toBe(true);
  expect(await stopRedis({ stateDir })).toBe(false);
  await ensureRedis({ stateDir });
});

test('takes the rights of others from a folder that was open to them', async () => {
  const stateDir = join(freshDir(), 'open');
  mkdirSync(stateDir, { mode: 0o755 });
  dirs.push(stateDir);
  await ensureRedis({ stateDir });
  expect(statSync(stateDir).mode & 0o777).toBe(0o700);
});

test('refuses a path that is too long for a socket, and says what to do', async () => {
  const starting = ensureRedis({ stateDir: join(freshDir(), 'x'.repeat(100)) });
  await expect(starting).rejects.toThrow(UsageError);
  await expect(starting).rejects.toThrow(/has \d+ bytes, a unix socket takes 107: set DROVER_STATE_DIR to a shorter path/);
});

test('says how to get a Redis when none is installed', async () => {
  const path = process.env['PATH'];
  process.env['PATH'] = freshDir();
  try {
    const starting = ensureRedis({ stateDir: freshDir() });
    await expect(starting).rejects.toThrow(UsageError);
    await expect(starting).rejects.toThrow(
      'there is no redis-server here: install it (apt install redis-server, dnf install redis), or set REDIS_URL',
    );
  } finally {
    process.env['PATH'] = path;
  }
});

test('says that flock is missing when there is only a redis-server', async () => {
  const path = process.env['PATH'];
  const bin = freshDir();
  const { stdout } = await promisify(execFile)('which', ['redis-server']);
  symlinkSync(stdout.trim(), join(bin, 'redis-server'));
  process.env['PATH'] = bin;
  try {
    await expect(ensureRedis({ stateDir: freshDir() })).rejects.toThrow('needs flock(1), which is not here: install util-linux');
  } finally {
    process.env['PATH'] = path;
  }
});

test('shows the last words of a server that cannot start', async () => {
  const stateDir = freshDir();
  await ensureRedis({ stateDir });
  await stopRedis({ stateDir });
  writeFileSync(join(stateDir, 'redis', 'appendonlydir', 'appendonly.aof.manifest'), 'nonsense\n');
  const starting = ensureRedis({ stateDir });
  await expect(starting).rejects.toThrow(RedisError);
  await expect(starting).rejects.toThrow(/ended at once \(1\); the last lines of .*redis\.log:[^]*manifest/);
});

test('gives up on a server that hangs, after the time it was given', async () => {
  await using server = await startRedis();
  process.kill(server.pid(), 'SIGSTOP');
  try {
    await expect(ensureRedis({ stateDir: server.stateDir, withinMs: 200 })).rejects.toThrow('does not serve after 0.2 s');
  } finally {
    process.kill(server.pid(), 'SIGCONT');
  }
});
