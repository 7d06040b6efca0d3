import { hash } from 'node:crypto';
import type { NodeCommand } from '../../src/core/command.ts';
import type { Clock, ClusterChannel, ControlChannel, Guard, NodeChannel, Written } from '../../src/core/ports.ts';
import type { Runbook } from '../../src/core/runbook.ts';
import { turnOfNode } from '../../src/queue/node-queue.ts';
import { turnOfRun } from '../../src/queue/run-queue.ts';
import { runViews } from '../../src/queue/run-view.ts';
import type { Channels, Station } from '../../src/queue/station.ts';
import { sweepRuns } from '../../src/queue/sweep.ts';
import { inProcessChannel } from '../../src/sim/in-process.ts';
import { inProcessCluster, inProcessControl } from '../../src/sim/in-process-cluster.ts';
import { startBull, startStalledChecks } from './bull.ts';
import type { Fleet } from './fleet.ts';
import { crashNotifier } from './judge-notices.ts';
import type { Notebook, Send } from './notebook.ts';
import type { Process } from './process.ts';
import { type Redis, connect } from './redis.ts';

/** What a worker is started with. */
export type WorkerParts = {
  readonly process: Process;
  readonly redis: Redis;
  readonly fleet: Fleet;
  readonly book: Notebook;
  runbook(): Runbook;
};

/** A node as a worker reaches it: each call is a request that a crash can come before or after. */
const nodeChannel = (name: string, { process, fleet, book }: WorkerParts): NodeChannel => {
  const inner = inProcessChannel(name, fleet.sim, process.clock);
  const perform = async (
    verb: string,
    command: NodeCommand,
    guard: Guard,
    reads: readonly NodeCommand[],
    work: () => Promise<Written>,
  ): Promise<Written> => {
    const send: Send = {
      at: process.clock.now(),
      by: process.name,
      node: name,
      guard,
      text: command.text,
      truth: fleet.truth(name),
      heard: 'nothing',
      connectedAt: book.connections.get(`${process.name} ${name}`)?.at ?? 0,
    };
    book.sends.push(send);
    const done = await process.call('command', async () => {
      book.tell?.(`${process.name} ${verb} on ${name} (fence ${guard.fence}, ${guard.step} ${guard.attempt}): ${command.masked}`);
      const result = await work();
      if (reads.length > 0 && result.reads.length === reads.length) book.looked(process.name, name);
      return result;
    });
    send.heard = done.performed;
    const { performed } = done;
    book.tell?.(
      `${process.name} heard of ${name}: ${performed.kind === 'exited' ? `exit ${performed.result.exitCode}` : performed.kind === 'refused' ? `refused, ${performed.why}` : performed.why}`,
    );
    return done;
  };
  return {
    hello: (target, options) =>
      process.call('look', async () => {
        const hello = await inner.hello(target, options);
        const [key, at] = [`${process.name} ${name}`, process.clock.now()];
        book.reached.set(key, at);
        if (book.connections.get(key)?.hello !== hello) book.connections.set(key, { hello, at });
        return hello;
      }),
    read: (commands, options) =>
      process.call('look', async () => {
        const results = await inner.read(commands, options);
        book.looked(process.name, name);
        return results;
      }),
    write: (command, guard, reads, options) => perform('runs', command, guard, reads, () => inner.write(command, guard, reads, options)),
    attach: (command, guard, reads, options) =>
      perform('follows', command, guard, reads, () => inner.attach(command, guard, reads, options)),
    claim: (guard, options) => process.call('command', () => inner.claim(guard, options)),
    halt: (guard, options) =>
      process.call('command', async () => {
        book.tell?.(`${process.name} ends what runs on ${name} (fence ${guard.fence})`);
        return inner.halt(guard, options);
      }),
    drop: () => inner.drop(),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
};

const channelsOf = (parts: WorkerParts): Channels => {
  const { process, fleet, book } = parts;
  const nodes = new Map<string, NodeChannel>();
  const cluster = inProcessCluster(fleet.sim);
  const control = inProcessControl(fleet.releases, fleet.sim);
  return {
    node: (name) => {
      const known = nodes.get(name);
      if (known) return known;
      const made = nodeChannel(name, parts);
      nodes.set(name, made);
      return made;
    },
    cluster: {
      call: (request, options) => process.call('api', () => book.apiWrite(process.name, request, () => cluster.call(request, options))),
    } satisfies ClusterChannel,
    notifier: crashNotifier(process, book),
    control: { run: (command, options) => process.call('program', () => control.run(command, options)) } satisfies ControlChannel,
  };
};

/** The station of a process: the edges of the real code, over this world. */
export const stationOf = (parts: WorkerParts): Station => {
  const { process, redis, book } = parts;
  const ports = connect(redis, process, book);
  const clock: Clock = process.clock;
  let channels: Channels | undefined;
  let nonces = 0;
  return {
    journal: ports.journal,
    leases: ports.leases,
    views: runViews(ports.journal),
    wakes: ports.wakes,
    memory: ports.memory,
    clock,
    owner: process.name,
    runbook: async () => parts.runbook(),
    channels: () => (channels ??= channelsOf(parts)),
    leave: async () => {
      channels = undefined;
    },
    sha256: (text) => hash('sha256', text),
    nonce: () => `${process.name}/${(nonces += 1)}`,
  };
};

/** A worker at work. */
export type Worker = { readonly process: Process; /** As SIGTERM does. */ stop(): void };

/** Starts a worker, as `drover worker` does. */
export const startWorker = (parts: WorkerParts, concurrency: number): Worker => {
  const { process, redis, book } = parts;
  const station = stationOf(parts);
  const { patient } = connect(redis, process, book);
  const stop = new AbortController();
  const options = {
    concurrency,
    stop: stop.signal,
    warn: (error: unknown) => {
      book.tell?.(`${process.name} warns: ${String(error)}`);
      // what is thrown at a worker is trouble with Redis, or a bug
      if (!(error instanceof Error) || error.name !== 'RedisError')
        book.wrong.push(`a turn threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    },
  };
  const nodes = startBull(
    redis.nodes,
    process,
    patient,
    options,
    (data, signal) => turnOfNode(station, data, signal),
    ({ runId, node }) => station.wakes.node(runId, node),
  );
  const runs = startBull(
    redis.runs,
    process,
    patient,
    { ...options, concurrency: 2 },
    ({ runId }, signal) => turnOfRun(station, runId, signal),
    ({ runId }) => station.wakes.run(runId),
  );
  void sweepRuns(station, stop.signal, options.warn);
  void startStalledChecks([redis.nodes, redis.runs], process, patient, stop.signal);
  void Promise.all([nodes.closed, runs.closed]).then(() => process.kill());
  return { process, stop: () => stop.abort('SIGTERM') };
};
