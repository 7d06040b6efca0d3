import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { RedisError, UsageError } from '../core/error.ts';
import { probe, shutDown } from './redis-probe.ts';

/** Where the private Redis lives: a folder of this user. */
export type RedisServerOptions = {
  readonly stateDir: string;
  /** How long it may take to start, with all that it has to load. */
  readonly withinMs?: number;
};

const START_MS = 60_000;
const STOP_MS = 10_000;
const POLL_MS = 10;
const LOCKED_POLL_MS = 50;
/** sockaddr_un(7): 108 bytes with the zero at the end. */
const SOCKET_BYTES = 107;
/** flock(1) ends with this when another process has the lock. */
const LOCKED = 75;
const OR_URL = 'or set REDIS_URL to a Redis that you have';

const socketOf = (stateDir: string): string => join(stateDir, 'redis.sock');
const dataOf = (stateDir: string): string => join(stateDir, 'redis');

/** The settings of redis.conf, as flags. */
const flags = (stateDir: string): readonly string[] => {
  const folder = dataOf(stateDir);
  const settings = {
    port: '0',
    unixsocket: socketOf(stateDir),
    unixsocketperm: '700',
    databases: '1',
    dir: folder,
    pidfile: join(folder, 'redis.pid'),
    logfile: join(folder, 'redis.log'),
    // what was acknowledged is on the disk
    appendonly: 'yes',
    appendfsync: 'always',
    save: '',
    'maxmemory-policy': 'noeviction',
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
};

/** The server program that is installed here. @throws UsageError */
const findServer = async (): Promise<string> => {
  for (const name of ['redis-server', 'valkey-server']) {
    const found = await promisify(execFile)(name, ['--version'], { timeout: 10_000 }).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
    );
    if (found) return name;
  }
  throw new UsageError(
    `drover keeps its journal in Redis, and there is no redis-server here: install it (apt install redis-server, dnf install redis), ${OR_URL}`,
  );
};

/** Starts the server if no other process has; the kernel frees the lock however the server ends. @throws UsageError when it cannot be started */
const start = async (program: string, stateDir: string): Promise<ChildProcess> => {
  const lock = join(dataOf(stateDir), 'lock');
  const child = spawn('flock', ['-n', '-E', String(LOCKED), '-F', lock, program, ...flags(stateDir)], {
    cwd: stateDir,
    detached: true,
    stdio: 'ignore',
  });
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new UsageError(`the private Redis of drover needs flock(1), which is not here: install util-linux, ${OR_URL}`, { cause });
  }
  child.unref();
  return child;
};

const lastWords = async (stateDir: string): Promise<string> => {
  const log = await readFile(join(dataOf(stateDir), 'redis.log'), 'utf8').catch(() => '');
  const lines = log.trimEnd().split('\n').slice(-5);
  return lines[0] === '' ? 'it has written no log' : `the last lines of ${join(dataOf(stateDir), 'redis.log')}:\n${lines.join('\n')}`;
};

const checkPath = (stateDir: string): void => {
  const bytes = Buffer.byteLength(socketOf(stateDir));
  if (bytes > SOCKET_BYTES) {
    throw new UsageError(
      `the path of the socket ${socketOf(stateDir)} has ${bytes} bytes, a unix socket takes ${SOCKET_BYTES}: set DROVER_STATE_DIR to a shorter path`,
    );
  }
};

const makeFolders = async (stateDir: string): Promise<void> => {
  try {
    await mkdir(dataOf(stateDir), { recursive: true, mode: 0o700 });
    // what was there before may be open to others, and whoever gets at the socket may do all that drover may
    for (const folder of [stateDir, dataOf(stateDir)]) await chmod(folder, 0o700);
  } catch (cause) {
    throw new UsageError(
      `the state folder ${stateDir} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}; set DROVER_STATE_DIR to a folder of your own`,
      {
        cause,
      },
    );
  }
};

/**
 * Makes sure that the private Redis of a state folder runs, and gives its socket.
 *
 * The first drover starts it, others join; it outlives them all until `stopRedis`. It runs under a file lock, because a second server would
 * take the socket away from the first and write to the same files.
 *
 * @throws UsageError when it cannot be started here, RedisError when it was started and does not serve
 */
export const ensureRedis = async ({ stateDir, withinMs = START_MS }: RedisServerOptions): Promise<string> => {
  const socket = socketOf(stateDir);
  checkPath(stateDir);
  if ((await probe(socket)) === 'up') return socket;
  await makeFolders(stateDir);
  const program = await findServer();
  const deadline = Date.now() + withinMs;
  let child: ChildProcess | undefined;
  while (Date.now() < deadline) {
    const state = await probe(socket);
    if (state === 'up') return socket;
    const ended = child?.exitCode ?? child?.signalCode ?? null;
    if (child && ended !== null && ended !== LOCKED) {
      throw new RedisError(`the private Redis of drover ended at once (${ended}); ${await lastWords(stateDir)}`);
    }
    // locked: another drover starts it at this moment, or did and was killed
    if (state === 'down' && (!child || ended === LOCKED)) child = await start(program, stateDir);
    await wait(ended === LOCKED ? LOCKED_POLL_MS : POLL_MS);
  }
  throw new RedisError(`the private Redis of drover does not serve after ${withinMs / 1000} s; ${await lastWords(stateDir)}`, {
    transient: true,
  });
};

/** Ends the private Redis of a state folder; nothing is lost. @returns false when none ran @throws RedisError when it does not end within 10 s */
export const stopRedis = async ({ stateDir }: RedisServerOptions): Promise<boolean> => {
  const socket = socketOf(stateDir);
  if ((await probe(socket)) === 'down') return false;
  const deadline = Date.now() + STOP_MS;
  while (Date.now() < deadline) {
    await shutDown(socket);
    if ((await probe(socket)) === 'down') return true;
    await wait(POLL_MS);
  }
  throw new RedisError(`the private Redis of drover did not end within ${STOP_MS / 1000} s; ${await lastWords(stateDir)}`);
};
