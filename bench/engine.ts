// The same twelve files by drover's engine: wrapper, snapshots, journal with every event on disk before the next action.
import { createHash, randomUUID } from 'node:crypto';
import { sshChannel } from '../src/channels/ssh/channel.ts';
import { UsageError } from '../src/core/error.ts';
import { type Plan, layOut } from '../src/core/plan.ts';
import { execute } from '../src/engine/execute.ts';
import { wallClock } from '../src/channels/wall-clock.ts';
import type { World } from '../src/engine/world.ts';
import { redisJournal } from '../src/journal/redis.ts';
import { connectRedis } from '../src/queue/connection.ts';
import { nodeMemory } from '../src/queue/node-memory.ts';
import { ensureRedis } from '../src/queue/redis-server.ts';
import { file } from '../src/steps/file.ts';
import { type Errand, measured } from './world.ts';

const HOUR_MS = 3_600_000;
const socket = await ensureRedis({ stateDir: JSON.parse(process.argv[2] ?? '{}').state });
const redis = connectRedis({ socket, name: 'drover-bench' });
// one of each for all nodes, as a worker has them
const journal = redisJournal(redis);
const memory = nodeMemory(redis);
const unused = (): Promise<never> => Promise.reject(new UsageError('the bench has no cluster and no controller'));

const node = async (address: string, errand: Errand, plan: Plan): Promise<void> => {
  const settings = { user: 'root', port: errand.port, jump: null, identityFile: errand.key, knownHosts: errand.knownHosts };
  await using channel = sshChannel({ settings, name: address, home: '/nonexistent', agent: undefined });
  const world: World = {
    node: channel,
    cluster: { call: unused },
    control: { run: unused },
    journal,
    memory,
    clock: wallClock,
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    nonce: () => randomUUID(),
  };
  const ended = await execute(
    {
      runId: `bench${process.pid}`,
      node: { name: address, addresses: [address], labels: {}, vars: {} },
      plan,
      onFailure: 'pause',
      fence: Date.now(),
      by: 'bench',
      signal: new AbortController().signal,
      admits: () => true,
      holdMs: HOUR_MS,
    },
    world,
  );
  if (ended.kind !== 'finished' || ended.outcome !== 'succeeded') throw new Error(`${address}: ${JSON.stringify(ended)}`);
};

await measured(async (errand) => {
  const plan = layOut(Object.entries(errand.files).map(([path, content]) => file(path, { content })));
  await Promise.all(errand.addresses.map((address) => node(address, errand, plan)));
});
