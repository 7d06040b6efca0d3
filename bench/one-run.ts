import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { wallClock } from '../src/channels/wall-clock.ts';
import { RUN_STREAM } from '../src/core/node.ts';
import { redisJournal } from '../src/journal/redis.ts';
import { connectRedis } from '../src/queue/connection.ts';
import { ensureRedis, stopRedis } from '../src/queue/redis-server.ts';
import { type Program, start, usedBy } from './program.ts';

const WORKERS = 2;
/** How many nodes a worker works on at once. */
const CONCURRENCY = 50;
const WITHIN_MS = 12 * 60_000;

/** What is measured, in a few words. */
export const shape = `a gate, four files and a restart of the kubelet a node, no reboot; simulated nodes behind real ssh, 100 out of service at once; ${WORKERS} workers, ${CONCURRENCY} nodes at once each`;

/** What one run took, from its first event to its last. */
export type RunCost = {
  readonly nodes: number;
  readonly wallMs: number;
  /** Of all workers. */
  readonly cpuMs: number;
  /** Of the worker that had most. */
  readonly peakMb: number;
  /** Those inside scripts count as well. */
  readonly commands: number;
  /** In and out of Redis. */
  readonly bytes: number;
};

const numberIn = (info: string, name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? Number.NaN);

/** Follows a run to its end. @throws Error unless it succeeded */
const succeeded = async (journal: ReturnType<typeof redisJournal>, run: string, stopped: AbortSignal): Promise<void> => {
  const late = AbortSignal.timeout(WITHIN_MS);
  for (let seq = 0; ;) {
    const events = await journal.read(run, RUN_STREAM, seq);
    seq = events.at(-1)?.seq ?? seq;
    const end = events.find((event) => event.type === 'run.finished' || event.type === 'run.halted');
    if (end?.type === 'run.finished' && end.outcome === 'succeeded') return;
    if (end) throw new Error(`the run did not succeed: ${JSON.stringify(end).slice(0, 2000)}`);
    if (stopped.aborted) throw new Error('stopped');
    if (late.aborted) throw new Error(`the run did not end within ${WITHIN_MS / 60_000} min`);
    await wallClock.sleep(250, stopped);
  }
};

/** One run over a simulated fleet: a Redis, a fleet and workers of its own, real processes all of them. @throws Error unless all nodes succeeded */
export const oneRun = async (folder: string, nodes: number, stopped: AbortSignal): Promise<RunCost> => {
  const state = join(folder, `run-of-${nodes}`);
  mkdirSync(state, { mode: 0o700 });
  const programs: Program[] = [];
  const program = (...of: Parameters<typeof start>): Program => {
    const started = start(...of);
    programs.push(started);
    return started;
  };
  const redis = connectRedis({ socket: await ensureRedis({ stateDir: state }), name: 'drover-bench' });
  try {
    const { REDIS_URL: _redis, SSH_AUTH_SOCK: _agent, ...rest } = process.env;
    const sim = program('sim.ts', [String(nodes), join(state, 'fleet')], rest);
    const { fleetYaml, kubeconfig }: { fleetYaml: string; kubeconfig: string } = JSON.parse(await sim.printed(/^\{.*\}$/m));
    const env = { ...rest, HOME: state, DROVER_STATE_DIR: state, DROVER_FLEET: fleetYaml, KUBECONFIG: kubeconfig };
    const drover = (...args: string[]): Program => program('../src/cli/main.ts', args, env);
    const workers = Array.from({ length: WORKERS }, () => drover('worker', '--concurrency', String(CONCURRENCY)));
    await Promise.all(workers.map((worker) => worker.printed(/takes up to/)));
    const cpuMs = (): number => workers.reduce((sum, worker) => sum + usedBy(worker.child.pid ?? 0).cpuMs, 0);

    const runbook = new URL('runbooks/restart-kubelet.ts', import.meta.url).pathname;
    const run = await drover('run', runbook, '--yes', '--detach', '--json').printed(/"run":"(\w+)"/);
    const before = { cpuMs: cpuMs(), at: performance.now() };
    await redis.config('RESETSTAT');
    await succeeded(redisJournal(redis), run, stopped);
    const wallMs = performance.now() - before.at;
    const stats = await redis.info('stats');
    return {
      nodes,
      wallMs,
      cpuMs: cpuMs() - before.cpuMs,
      peakMb: Math.max(...workers.map((worker) => usedBy(worker.child.pid ?? 0).peakMb)),
      commands: numberIn(stats, 'total_commands_processed'),
      bytes: numberIn(stats, 'total_net_input_bytes') + numberIn(stats, 'total_net_output_bytes'),
    };
  } finally {
    await Promise.all(programs.map((one) => one.stop()));
    redis.disconnect();
    await stopRedis({ stateDir: state });
  }
};
