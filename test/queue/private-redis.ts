import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { connectRedis } from '../../src/queue/connection.ts';
import { ensureRedis, stopRedis } from '../../src/queue/redis-server.ts';

/** Waits until something holds, at most `withinMs`. */
export const until = async (holds: () => boolean | Promise<boolean>, withinMs = 8000): Promise<void> => {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`did not hold within ${withinMs} ms: ${holds.toString()}`);
    await wait(10);
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** A private Redis in a folder of its own, as drover starts it; ended when it goes out of scope. */
export type PrivateRedis = AsyncDisposable & {
  readonly stateDir: string;
  readonly socket: string;
  readonly redis: Redis;
  /** A connection that is closed with all this. */
  connect(name: string): Redis;
  pid(): number;
  /** Ends the server as a power cut would. */
  kill(): Promise<void>;
};

export const tempDir = (): string => mkdtempSync(join(tmpdir(), 'drover-redis-'));

export const startRedis = async (): Promise<PrivateRedis> => {
  const stateDir = tempDir();
  const socket = await ensureRedis({ stateDir });
  const connections: Redis[] = [];
  const connect = (name: string): Redis => {
    const redis = connectRedis({ socket, name });
    connections.push(redis);
    return redis;
  };
  const pid = (): number => Number(readFileSync(join(stateDir, 'redis', 'redis.pid'), 'utf8'));
  return {
    stateDir,
    socket,
    redis: connect('test'),
    connect,
    pid,
    kill: async () => {
      const victim = pid();
      process.kill(victim, 'SIGKILL');
      await until(() => !isAlive(victim));
    },
    [Symbol.asyncDispose]: async () => {
      for (const redis of connections) redis.disconnect();
      await stopRedis({ stateDir });
      await until(() => !isAlive(pid())).catch(() => undefined);
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
};
