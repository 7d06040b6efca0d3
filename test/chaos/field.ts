import type { Redis } from 'ioredis';
import { connectRedis } from '../../src/queue/connection.ts';
import { type Ended, type Operator, operator } from '../e2e/drover.ts';
import { type SharedRedis, sharedRedis } from '../queue/shared-redis.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { type Squad, squad } from './squad.ts';
import { type Witness, witness } from './witness.ts';

/** Nodes, a Redis, workers and an operator: all real processes but the nodes, and those behind real ssh. */
export type Field = AsyncDisposable & {
  readonly fleet: Fleet;
  readonly redis: SharedRedis;
  readonly workers: Squad;
  readonly witness: Witness;
  /** Says something on the operator's command line. */
  drover(words: string): Promise<Ended>;
  /** Begins a run over all nodes and leaves it to the workers; its id. */
  begin(rollout: string): Promise<string>;
  /** Looks into Redis, past drover. */
  inRedis<T>(look: (redis: Redis) => Promise<T>): Promise<T>;
};

const atWork = async (anna: Operator, env: Readonly<Record<string, string>>): Promise<number> =>
  (await anna.drover(['workers', '--json'], env)).stdout.split('\n').length - 1;

/** Sets all of it up; `speed` is how many times faster than real nodes the simulated ones are. */
export const field = async (nodes: number, workers: number, speed: number, seed: number): Promise<Field> => {
  const stack = new AsyncDisposableStack();
  const fleet = stack.use(await startFleet(nodes, speed, seed));
  const redis = stack.use(await sharedRedis([]));
  const anna = stack.use(operator(undefined));
  const seen = stack.use(witness(redis.port));
  await seen.watch();
  const url = redis.url('default', '');
  const env = { ...fleet.env, REDIS_URL: url };
  const all = squad(anna, env);
  for (let place = 0; place < workers; place += 1) all.start(place);
  while ((await atWork(anna, env)) < workers);
  return {
    fleet,
    redis,
    workers: all,
    witness: seen,
    drover: async (words) => anna.drover(words.split(' '), env),
    begin: async (rollout) => {
      const words = `run migrate-runner-node --set gateway=${fleet.gateway} --set move=none ${rollout} --yes --json --detach`;
      const begun = await anna.drover(words.split(' '), env);
      const run = /"run":"(\w+)"/.exec(begun.stdout)?.[1];
      if (run === undefined) throw new Error(`the run did not begin: ${begun.stdout}${begun.stderr}`);
      return run;
    },
    inRedis: async (look) => {
      const client = connectRedis({ url, name: 'proof' });
      try {
        return await look(client);
      } finally {
        client.disconnect();
      }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};
