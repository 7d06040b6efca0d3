import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { stopRedis } from '../../src/queue/redis-server.ts';
import type { Sim } from '../../src/sim/index.ts';

const main = new URL('../../dist/src/cli/main.js', import.meta.url).pathname;
const record = z.looseObject({
  run: z.string(),
  node: z.string(),
  type: z.string(),
  step: z.string().optional(),
  outcome: z.string().optional(),
});

/** One line of `--json`. */
export type Line = z.infer<typeof record>;
/** How a command ended, and what it printed. */
export type Ended = {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};
/** A command that runs. */
export type Running = {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Waits, bounded, until it has printed something. */
  printed(pattern: RegExp, withinMs?: number): Promise<string>;
};

/** The command line of one operator, with a state folder of its own. */
export type Operator = AsyncDisposable & {
  readonly stateDir: string;
  start(args: readonly string[], env?: Readonly<Record<string, string>>): Running;
  drover(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
};

/** The events that a command with --json printed. */
export const linesOf = ({ stdout }: Ended): readonly Line[] =>
  stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => record.parse(JSON.parse(line)));

/** Makes an operator who runs the real command line against a simulated fleet. */
export const operator = (sim: Sim | undefined): Operator => {
  const stateDir = mkdtempSync(join(tmpdir(), 'drover-e2e-'));
  const children = new Set<ChildProcess>();
  const start: Operator['start'] = (args, extra = {}) => {
    const { REDIS_URL: _redis, KUBECONFIG: _kube, SSH_AUTH_SOCK: _agent, ...rest } = process.env;
    const env = {
      ...rest,
      ...sim?.env,
      HOME: stateDir,
      DROVER_STATE_DIR: join(stateDir, 'state'),
      NO_COLOR: '1',
      ...(sim && { DROVER_FLEET: sim.fleetYaml }),
      ...extra,
    };
    const child = spawn(process.execPath, [main, ...args], { env, cwd: stateDir, stdio: ['ignore', 'pipe', 'pipe'] });
    children.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    const ended = new Promise<Ended>((resolve) => {
      child.on('close', (exitCode, signal) => {
        children.delete(child);
        resolve({ exitCode, signal, stdout, stderr });
      });
    });
    const printed = async (pattern: RegExp, withinMs = 20_000): Promise<string> => {
      const until = Date.now() + withinMs;
      while (Date.now() < until) {
        const found = pattern.exec(stdout + stderr);
        if (found) return found[1] ?? found[0];
        if (child.exitCode !== null) break;
        await wait(20);
      }
      throw new Error(`${args.join(' ')} did not print ${pattern.source} within ${withinMs} ms; it printed:\n${stdout}\n${stderr}`);
    };
    return { child, ended, printed };
  };
  return {
    stateDir,
    start,
    drover: async (args, extra) => start(args, extra).ended,
    [Symbol.asyncDispose]: async () => {
      for (const child of children) child.kill('SIGKILL');
      await stopRedis({ stateDir: join(stateDir, 'state') });
      // what was killed may still write
      rmSync(stateDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
};
