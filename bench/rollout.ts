import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fold } from '../src/core/reduce.ts';
import { RUN_STREAM } from '../src/core/node.ts';
import { redisJournal } from '../src/journal/redis.ts';
import { connectRedis } from '../src/queue/connection.ts';
import { ensureRedis, stopRedis } from '../src/queue/redis-server.ts';
import { start, usedBy } from './drover.ts';

const WORKERS = 2;
/** How many nodes a worker works on at once. */
const CONCURRENCY = 50;
const WITHIN_MS = 8 * 60_000;

/** What one run over a simulated fleet took. */
export type RolloutCost = {
  readonly nodes: number;
  readonly wallMs: number;
  /** Of all workers, from the beginning of the run to its end. */
  readonly cpuMs: number;
  /** Of the worker that had most. */
  readonly peakMb: number;
  readonly commands: number;
  readonly bytes: number;
  /** Commands a node, the most frequent first. */
  readonly byCommand: readonly (readonly [name: string, calls: number])[];
};

const numberIn = (info: string, name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);

/** Runs the bench's runbook over a simulated fleet by two worker processes, with a real Redis and real ssh. @throws Error unless all nodes succeeded */
export const rollout = async (folder: string, nodes: number): Promise<RolloutCost> => {
  const state = join(folder, `rollout-${nodes}`);
  mkdirSync(state, { mode: 0o700 });
  const programs: ReturnType<typeof start>[] = [];
  const program: typeof start = (...of) => {
    const started = start(...of);
    programs.push(started);
    return started;
  };
  const redis = connectRedis({ socket: await ensureRedis({ stateDir: state }), name: 'bench' });
  try {
    const sim: unknown = JSON.parse(await program('sim.ts', [String(nodes), join(state, 'fleet')]).printed(/^\{.*\}$/m));
    const { fleetYaml, kubeconfig } = Object.assign({ fleetYaml: '', kubeconfig: '' }, sim);
    const { REDIS_URL: _redis, SSH_AUTH_SOCK: _agent, ...rest } = process.env;
    const env = { ...rest, HOME: state, DROVER_STATE_DIR: state, DROVER_FLEET: fleetYaml, KUBECONFIG: kubeconfig };
    const drover = (...args: string[]): ReturnType<typeof start> => program('../src/cli/main.ts', args, env);
    const workers = Array.from({ length: WORKERS }, () => drover('worker', '--concurrency', String(CONCURRENCY)));
    await Promise.all(workers.map((worker) => worker.printed(/takes up to/)));
    const used = () => workers.map(({ child }) => usedBy(child.pid ?? 0));
    const cpuOf = (each: ReturnType<typeof used>): number => each.reduce((sum, { cpuMs }) => sum + cpuMs, 0);

    const runbook = new URL('runbooks/restart-kubelet.ts', import.meta.url).pathname;
    const run = await drover('run', runbook, '--yes', '--detach', '--json').printed(/"run":"(\w+)"/);
    const [before, since] = [cpuOf(used()), performance.now()];
    await redis.config('RESETSTAT');
    const journal = redisJournal(redis);
    let known = fold([]);
    while (known.runOutcome === undefined) {
      if (performance.now() - since > WITHIN_MS) throw new Error(`the run over ${nodes} nodes did not end within ${WITHIN_MS / 60_000} min`);
      await wait(250);
      known = fold(await journal.read(run, RUN_STREAM));
    }
    const wallMs = performance.now() - since;
    const info = await redis.info('all');
    const after = used();
    if (known.runOutcome !== 'succeeded') throw new Error(`the run over ${nodes} nodes ended as ${known.runOutcome}`);
    return {
      nodes,
      wallMs,
      cpuMs: cpuOf(after) - before,
      peakMb: Math.max(...after.map(({ peakMb }) => peakMb)),
      commands: numberIn(info, 'total_commands_processed'),
      bytes: numberIn(info, 'total_net_input_bytes') + numberIn(info, 'total_net_output_bytes'),
      byCommand: [...info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)]
        .map(([, name = '', calls]) => [name, Number(calls)] as const)
        .toSorted(([, a], [, b]) => b - a),
    };
  } finally {
    redis.disconnect();
    for (const { child } of programs) child.kill('SIGKILL');
    await Promise.all(programs.map(({ ended }) => ended()));
    await stopRedis({ stateDir: state });
  }
};
