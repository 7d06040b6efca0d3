import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { until } from '../queue/private-redis.ts';
import { type Field, field } from './field.ts';
import { type Trouble, mayhem } from './mayhem.ts';
import { notAsWished, outOfOrder, withoutRight, written } from './proof.ts';
import type { Seen } from './sim-words.ts';

const NODES = 30;
const LENGTH_MS = 60_000;
const SEED = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);

/** Lets one thing go wrong, and be over. */
const happen = async (trouble: Trouble, { workers, fleet, redis, witness }: Field): Promise<void> => {
  switch (trouble.kind) {
    case 'kill':
    case 'stop':
      workers.kill(trouble.place, trouble.kind === 'kill' ? 'SIGKILL' : 'SIGTERM');
      await wait(trouble.forMs);
      return workers.start(trouble.place);
    case 'freeze':
      workers.kill(trouble.place, 'SIGSTOP');
      await wait(trouble.forMs);
      return workers.kill(trouble.place, 'SIGCONT');
    case 'redis':
      await redis.stop();
      await wait(trouble.forMs);
      await redis.start();
      return witness.watch();
    case 'cut':
      await fleet.cut(trouble.node, true);
      await wait(trouble.forMs);
      return fleet.cut(trouble.node, false);
    case 'sever':
      return fleet.sever(trouble.node, trouble.when);
  }
};

/** What was done to nodes or written about them without a right to it. */
const wrongs = async (here: Field, run: string, nodes: readonly Seen[]): Promise<readonly string[]> =>
  here.inRedis(async (redis) => {
    const found: string[] = [];
    for (const node of nodes) {
      const journal = await written(redis, run, node.name);
      const lastFence = Number(await redis.hget(`drover:{${node.name}}:lease`, 'fence'));
      found.push(...withoutRight(node, run, here.witness.grants, journal, lastFence), ...outOfOrder(node.name, journal));
    }
    return found;
  });

const summary = (troubles: readonly Trouble[], nodes: readonly Seen[], here: Field): string => {
  const count = (kind: Trouble['kind']): number => troubles.filter((trouble) => trouble.kind === kind).length;
  const commands = nodes.reduce((sum, node) => sum + node.commands.length, 0);
  const refused = nodes.reduce((sum, node) => sum + node.refusals.length, 0);
  return (
    `workers: ${count('kill')} killed, ${count('stop')} told to stop, ${count('freeze')} frozen; Redis killed ${count('redis')} times; ` +
    `${count('cut')} networks and ${count('sever')} commands cut; ${commands} commands ran and ${refused} were refused, under ${here.witness.grants.length} leases`
  );
};

it(`thirty nodes come through a minute of dying, stopped and frozen workers, a dying Redis and a failing network (seed ${SEED})`, async () => {
  await using here = await field(NODES, 3, 5, SEED);
  const run = await here.begin('--canary 0 --max-unavailable 10');
  const since = Date.now();
  const troubles = mayhem(SEED, LENGTH_MS, 3, here.fleet.names);
  await Promise.all(
    troubles.map(async (trouble) => {
      await wait(trouble.at);
      await happen(trouble, here);
    }),
  );
  const watched = await here.drover(`watch ${run} --json`);
  const nodes = await here.fleet.look();
  console.log(`seed ${SEED}: done after ${Math.round((Date.now() - since) / 1000)} s; ${summary(troubles, nodes, here)}`);
  const wrong = [...nodes.flatMap(notAsWished), ...(await wrongs(here, run, nodes))];
  if (watched.exitCode !== 0 || wrong.length > 0) console.log(watched.stdout.slice(-4000), watched.stderr, await here.workers.said());
  expect(wrong).toEqual([]);
  expect(watched.exitCode).toBe(0);
});

it('a worker that was frozen with thirty nodes in its hands finds on waking that another one cancelled them, and changes none', async () => {
  await using here = await field(NODES, 1, 60, SEED);
  const run = await here.begin('--canary 0 --max-unavailable 100%');
  const enough = 20 + (SEED % 100);
  const ran = async (): Promise<number> => (await here.fleet.look()).reduce((sum, { commands }) => sum + commands.length, 0);
  await until(async () => (await ran()) > enough, 60_000);
  here.workers.kill(0, 'SIGSTOP');
  here.workers.start(1);
  expect((await here.drover(`cancel ${run} --yes`)).exitCode).toBe(0);
  expect((await here.drover(`watch ${run} --json`)).exitCode).toBe(130);
  here.workers.kill(0, 'SIGCONT');
  // longer than any of its calls: what it still means to do, it does now
  await wait(5000);
  const nodes = await here.fleet.look();
  console.log(`frozen after ${enough} commands; ${summary([], nodes, here)}`);
  expect(await wrongs(here, run, nodes)).toEqual([]);
});
