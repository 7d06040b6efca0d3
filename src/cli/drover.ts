import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import type { RunSpec } from '../core/event.ts';
import type { ClusterChannel, ControlChannel, NodeChannel } from '../core/ports.ts';
import type { Runbook } from '../core/runbook.ts';
import { droppedWhenIdle } from '../channels/idle.ts';
import { wallClock } from '../channels/wall-clock.ts';
import { connectRedis, reachRedis } from '../queue/connection.ts';
import { leases } from '../queue/lease.ts';
import { nodeMemory } from '../queue/node-memory.ts';
import { type Queues, bullWakes, openQueues } from '../queue/queues.ts';
import { ensureRedis } from '../queue/redis-server.ts';
import { runViews } from '../queue/run-view.ts';
import type { Channels, Station } from '../queue/station.ts';
import { redisJournal } from '../journal/redis.ts';
import { redisPlaceOf } from '../journal/redis-trouble.ts';
import type { Cli } from './context.ts';
import { notifierFor } from './notifier.ts';
import { stateDir } from './state-dir.ts';
import { whenSlow } from './when-slow.ts';

/** Where Redis is: the user's, or drover's private one. */
export type RedisPlace = { readonly url: string } | { readonly socket: string };

/** Finds Redis by REDIS_URL, or starts the private one. @throws RedisError, UsageError */
export const redisPlace = async (cli: Cli): Promise<RedisPlace> => {
  const url = cli.env['REDIS_URL'];
  if (url !== undefined && url !== '') return { url };
  const folder = stateDir(cli.env, cli.home);
  return { socket: await whenSlow(cli, `the private Redis in ${folder}, which does not answer yet`, ensureRedis({ stateDir: folder })) };
};

/** Opens a connection to it; a private Redis that died is started again by whoever notices. */
export const connectTo = (cli: Cli, place: RedisPlace, name: string, forWorker = false): Redis =>
  connectRedis({
    ...place,
    name: `drover-${name}`,
    forWorker,
    ...('socket' in place && { revive: () => ensureRedis({ stateDir: stateDir(cli.env, cli.home) }) }),
  });

/** What programs that drover runs get to see: all but the addresses of Redis and the webhook, which are secrets and none of their business. */
const definedEnv = (cli: Cli, hidden: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(cli.env).flatMap(([key, value]) => (value === undefined || hidden.includes(key) ? [] : [[key, value]])),
  );

/** A node that waits for its turn is left alone after this time. */
const IDLE_MS = 60_000;

/** The channels that a run's settings ask for; each is opened when it is first used. */
export const openChannels = (cli: Cli, spec: Pick<RunSpec, 'cluster' | 'ssh' | 'notify'>): Channels & AsyncDisposable => {
  const nodes = new Map<string, NodeChannel>();
  let opening: Promise<ClusterChannel> | undefined;
  let controlling: Promise<ControlChannel> | undefined;
  const { context } = spec.cluster;
  const kubeconfig = cli.env['KUBECONFIG'];
  const cluster: ClusterChannel = {
    call: async (request, options) => {
      opening ??= import('../channels/kubernetes.ts').then(({ clusterChannel }) =>
        clusterChannel({ context, ...(kubeconfig !== undefined && kubeconfig !== '' && { kubeconfig }) }),
      );
      return (await opening).call(request, options);
    },
  };
  const control: ControlChannel = {
    run: async (command, options) => {
      // helm reads the context from its own variable, so that no step has to know it
      const hidden = ['REDIS_URL', ...(spec.notify && 'env' in spec.notify.webhook ? [spec.notify.webhook.env] : [])];
      const env = { ...definedEnv(cli, hidden), ...(context !== null && { HELM_KUBECONTEXT: context }) };
      controlling ??= import('../channels/control.ts').then(({ controlChannel }) => controlChannel({ env }));
      return (await controlling).run(command, options);
    },
  };
  const lazyNode = (name: string): NodeChannel => {
    let loading: Promise<NodeChannel> | undefined;
    const load = (): Promise<NodeChannel> =>
      (loading ??= import('../channels/ssh/channel.ts').then(({ sshChannel }) =>
        droppedWhenIdle(sshChannel({ settings: spec.ssh, name, home: cli.home, agent: cli.env['SSH_AUTH_SOCK'], env: cli.env }), IDLE_MS),
      ));
    return {
      hello: async (target, options) => (await load()).hello(target, options),
      read: async (commands, options) => (await load()).read(commands, options),
      write: async (command, guard, reads, options) => (await load()).write(command, guard, reads, options),
      attach: async (command, guard, reads, options) => (await load()).attach(command, guard, reads, options),
      claim: async (guard, options) => (await load()).claim(guard, options),
      halt: async (guard, options) => (await load()).halt(guard, options),
      drop: () => void loading?.then((channel) => channel.drop()),
      [Symbol.asyncDispose]: async () => (await loading)?.[Symbol.asyncDispose](),
    };
  };
  return {
    cluster,
    control,
    ...(spec.notify && { notifier: notifierFor(spec.notify.webhook, cli.env) }),
    node: (name) => {
      const known = nodes.get(name);
      if (known) return known;
      const made = lazyNode(name);
      nodes.set(name, made);
      return made;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...nodes.values()].map((channel) => channel[Symbol.asyncDispose]()));
    },
  };
};

/** All that a command needs that reads or changes runs. */
export type Drover = AsyncDisposable & {
  readonly redis: Redis;
  readonly station: Station;
  readonly queues: Queues;
  /** Redis is drover's own: it is there as long as this machine is. */
  readonly private: boolean;
  /** Opens another connection to the same Redis, for a worker. */
  workerConnection(): Redis;
};

/**
 * Connects to Redis (or starts it) and opens the journal, the queues and the leases.
 *
 * @param role shows up in Redis' list of clients
 */
export const openDrover = async (cli: Cli, role: string): Promise<Drover> => {
  const place = await redisPlace(cli);
  const redis = connectTo(cli, place, role);
  await whenSlow(cli, `Redis at ${redisPlaceOf(redis)}`, reachRedis(redis)).catch((error: unknown) => {
    redis.disconnect();
    throw error;
  });
  const open = new Map<string, Channels & AsyncDisposable>();
  const runbooks = new Map<string, Promise<Runbook>>();
  const journal = redisJournal(redis);
  const queues = openQueues(redis);
  const station: Station = {
    journal,
    views: runViews(journal),
    wakes: bullWakes(queues),
    leases: leases(redis),
    memory: nodeMemory(redis),
    clock: wallClock,
    owner: `${hostname()}/${process.pid}/${randomBytes(3).toString('hex')}`,
    runbook: (name) => {
      const known = runbooks.get(name);
      if (known) return known;
      // loaded once: a worker goes on with what it began with, and a runbook that changed shows as drift in the next one
      const loading = import('./registry.ts').then(({ runbookOfRun }) => runbookOfRun(name));
      loading.catch(() => runbooks.delete(name));
      runbooks.set(name, loading);
      return loading;
    },
    channels: (runId, spec) => {
      const known = open.get(runId);
      if (known) return known;
      const made = openChannels(cli, spec);
      open.set(runId, made);
      return made;
    },
    leave: async (runId) => {
      const channels = open.get(runId);
      open.delete(runId);
      await channels?.[Symbol.asyncDispose]();
    },
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    nonce: () => randomUUID(),
  };
  return {
    redis,
    station,
    queues,
    private: 'socket' in place,
    workerConnection: () => connectTo(cli, place, 'worker', true),
    [Symbol.asyncDispose]: async () => {
      for (const runId of open.keys()) await station.leave(runId);
      await queues.close();
      redis.disconnect();
    },
  };
};

/** A short name for a run that people can type and say: six letters and digits without look-alikes. */
export const newRunId = (): string => {
  const letters = '23456789abcdefghjkmnpqrstuvwxyz';
  return [...randomBytes(6)].map((byte) => letters[byte % letters.length]).join('');
};
