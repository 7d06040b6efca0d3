import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { RedisError, UsageError } from '../core/error.ts';

const START_MS = 15_000;
const PROBE_MS = 1000;
/** sun_path of unix(7) holds 108 bytes with its NUL. */
const LONGEST_PATH = 107;
/** What flock(1) exits with when another process has the lock: another drover is starting the server. */
const LOCKED = 75;

type Probe = 'up' | 'loading' | 'down';

/** Asks a socket whether a Redis is behind it. */
const probe = async (socket: string): Promise<Probe> =>
  new Promise((resolve) => {
    const connection = connect(socket);
    const end = (answer: Probe): void => {
      connection.destroy();
      resolve(answer);
    };
    connection.setTimeout(PROBE_MS, () => end('loading'));
    connection.on('error', () => end('down'));
    connection.on('connect', () => connection.write('PING\r\n'));
    connection.on('data', (data) => end(data.toString().startsWith('+PONG') ? 'up' : 'loading'));
    connection.on('close', () => end('down'));
  });

const onPath = (name: string, path: string | undefined): boolean => (path ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));

/** Where the private Redis of a state folder listens. */
export const socketOf = (stateDir: string): string => join(stateDir, 'redis', 'redis.sock');

const flags = (dir: string, socket: string): string[] => [
  ...['--port', '0', '--unixsocket', socket, '--unixsocketperm', '700', '--dir', dir, '--pidfile', join(dir, 'redis.pid')],
  ...['--appendonly', 'yes', '--appendfsync', 'always', '--save', '', '--maxmemory-policy', 'noeviction', '--databases', '1'],
  ...['--logfile', join(dir, 'redis.log'), '--daemonize', 'no'],
];

const lastWords = (dir: string): string => {
  try {
    return readFileSync(join(dir, 'redis.log'), 'utf8').trim().split('\n').slice(-3).join(' | ');
  } catch {
    return 'it left no log';
  }
};

/**
 * Makes sure that the private Redis of a state folder runs, and says where it listens.
 *
 * The first drover starts it, the next share it, and it outlives them. The lock is flock(2), held by the server itself, so that the kernel frees it
 * however the server dies; whoever finds it dead starts it again on the same append-only file.
 *
 * @param path PATH, to look for redis-server
 * @throws UsageError when there is no redis-server, RedisError when it does not start
 */
export const ensureRedis = async ({ stateDir, path }: { readonly stateDir: string; readonly path: string | undefined }): Promise<string> => {
  const dir = join(stateDir, 'redis');
  const socket = socketOf(stateDir);
  if (Buffer.byteLength(socket) > LONGEST_PATH) {
    throw new UsageError(`the path ${socket} is too long for a socket (${LONGEST_PATH} bytes at most); set DROVER_STATE_DIR to a shorter folder`);
  }
  const until = Date.now() + START_MS;
  let child: ChildProcess | undefined;
  let failed: string | undefined;
  while (Date.now() < until) {
    const state = await probe(socket);
    if (state === 'up') return socket;
    if (state === 'down' && (child === undefined || child.exitCode !== null)) {
      if (child && child.exitCode !== LOCKED) failed ??= `it exited with ${child.exitCode ?? 'no code'}: ${lastWords(dir)}`;
      if (failed !== undefined) break;
      for (const program of ['redis-server', 'flock']) {
        if (!onPath(program, path)) {
          throw new UsageError(
            `${program} is not on this machine: install it (${program === 'flock' ? 'package util-linux' : 'apt-get install redis-server, dnf install redis'}), or set REDIS_URL to a Redis that runs elsewhere`,
          );
        }
      }
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      chmodSync(dir, 0o700);
      child = spawn('flock', ['-n', '-E', String(LOCKED), '-F', join(dir, 'lock'), 'redis-server', ...flags(dir, socket)], { detached: true, stdio: 'ignore', cwd: dir });
      child.on('error', (error) => {
        failed ??= error.message;
      });
      child.unref();
    }
    await wait(10);
  }
  throw new RedisError(`the private Redis in ${dir} did not start: ${failed ?? `nothing for ${START_MS / 1000} s; ${lastWords(dir)}`}; see redis.log there, or set REDIS_URL`);
};

/** Ends the private Redis of a state folder, if it runs; nothing in it is lost. Returns whether there was one. */
export const stopRedis = async (stateDir: string): Promise<boolean> => {
  const socket = socketOf(stateDir);
  if ((await probe(socket)) === 'down') return false;
  const pid = Number(readFileSync(join(stateDir, 'redis', 'redis.pid'), 'utf8').trim());
  process.kill(pid, 'SIGTERM');
  const until = Date.now() + START_MS;
  while (Date.now() < until) {
    if ((await probe(socket)) === 'down') return true;
    await wait(20);
  }
  throw new RedisError(`the private Redis (pid ${pid}) did not end within ${START_MS / 1000} s`);
};
