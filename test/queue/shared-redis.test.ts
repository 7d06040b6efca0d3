import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RedisError, UsageError } from '../../src/core/error.ts';
import { connectRedis, reachRedis } from '../../src/queue/connection.ts';
import { REDIS_RIGHTS } from '../../src/queue/redis-rights.ts';
import { operator } from '../e2e/drover.ts';
import { fleet, migrate } from '../e2e/fleet.ts';
import { sharedRedis } from './shared-redis.ts';

const PASSWORD = 's#cret/%1';
const user = (name: string, rights: string): string => `user ${name} on >${PASSWORD} ${rights}`;

const troubleOf = async (url: string): Promise<unknown> => {
  const redis = connectRedis({ url, name: 'test' });
  try {
    return await reachRedis(redis).then(
      () => 'no trouble',
      (error: unknown) => error,
    );
  } finally {
    redis.disconnect();
  }
};

test('takes a run through two workers over TLS, as a user with the rights that the README lists and no others', async () => {
  await using sim = await fleet(2);
  await using redis = await sharedRedis([user('drover', REDIS_RIGHTS)], 'IP:127.0.0.1');
  await using anna = operator(sim);
  const env = { REDIS_URL: redis.url('drover', PASSWORD), NODE_EXTRA_CA_CERTS: redis.caFile };
  const workers = [anna.start(['worker', '--json'], env), anna.start(['worker', '--json'], env)];
  for (const worker of workers) await worker.printed(/takes up to/);
  const words = migrate(sim, '--soak', '0s');
  const run = await anna.drover(words, env);
  expect(run.exitCode).toBe(0);
  expect(sim.names.map((name) => sim.node(name).bootCount)).toEqual([2, 2]);
  const runId = /"run":"(\w+)"/.exec(run.stdout)?.[1] ?? '';
  const said = [run];
  said.push(await anna.drover(['rollback', runId, '--yes', '--json'], env));
  expect(said.at(-1)).toMatchObject({ exitCode: 3 });
  for (const more of [['runs'], ['show', runId], ['logs', runId], ['workers'], ['doctor'], ['hold', 'runner-1', '--why', 'a disk']]) {
    said.push(await anna.drover(more, env));
    expect(said.at(-1)).toMatchObject({ exitCode: 0 });
  }
  const commandLines = workers.map(({ child }) => readFileSync(`/proc/${child.pid}/cmdline`, 'utf8'));
  for (const { child } of workers) child.kill('SIGTERM');
  const ended = await Promise.all(workers.map((worker) => worker.ended));
  expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(JSON.stringify([said, ended, commandLines])).not.toContain('s#cret');
  expect(await redis.cli('ACL', 'LOG')).toBe('');
}, 180_000);

test('the README has the line that gives these rights', () => {
  const words = readFileSync(new URL('../../README.md', import.meta.url), 'utf8').replaceAll(/\s*\\?\s+/g, ' ');
  expect(words).toContain(REDIS_RIGHTS);
});

test.each([
  ['a command', '-xadd', 'xadd: ACL SETUSER drover +xadd'],
  ['several commands', '-bzpopmin -@set -info', 'sadd, srem, scard, smembers, sismember, bzpopmin, info: ACL SETUSER drover +sadd '],
  ['scripts', '-eval', 'eval: ACL SETUSER drover +eval'],
  ['the keys of the journal', 'resetkeys ~drover-bull:*', 'keys that begin with drover:: ACL SETUSER drover ~drover:*'],
  ['the keys of the queues', 'resetkeys ~drover:*', 'keys that begin with drover-bull:: ACL SETUSER drover ~drover-bull:*'],
])('names what a user may not use and what to grant: %s', async (_, less, says) => {
  await using redis = await sharedRedis([user('drover', `${REDIS_RIGHTS} ${less}`)]);
  const error = await troubleOf(redis.url('drover', PASSWORD));
  expect(error).toBeInstanceOf(UsageError);
  expect(String(error)).toContain(`does not let the user drover use ${says}`);
  expect(String(error)).not.toContain('s#cret');
});

test('a worker whose rights are taken away ends with 5 and says why, instead of trying for ever', async () => {
  await using redis = await sharedRedis([user('drover', REDIS_RIGHTS)]);
  await using anna = operator(undefined);
  const worker = anna.start(['worker'], { REDIS_URL: redis.url('drover', PASSWORD) });
  await worker.printed(/takes up to/);
  await redis.cli('ACL', 'SETUSER', 'drover', '-evalsha');
  const ended = await worker.ended;
  expect(ended.exitCode).toBe(5);
  expect(ended.stderr).toMatch(/drover: Redis at redis:\/\/127\.0\.0\.1:\d+ refuses: NOPERM .*'evalsha'.*the user drover may not do all/);
});

test('one whose password was changed does so too', async () => {
  await using redis = await sharedRedis([user('drover', REDIS_RIGHTS)]);
  await using anna = operator(undefined);
  const worker = anna.start(['worker'], { REDIS_URL: redis.url('drover', PASSWORD) });
  await worker.printed(/takes up to/);
  await redis.cli('ACL', 'SETUSER', 'drover', 'resetpass', '>another');
  await redis.cli('CLIENT', 'KILL', 'USER', 'drover');
  const ended = await worker.ended;
  expect(ended.exitCode).toBe(5);
  expect(ended.stderr).toMatch(/refuses: (WRONGPASS|NOAUTH).*check the user and the password in REDIS_URL/);
}, 40_000);

test('a certificate of an authority that nobody here trusts is one clear error', async () => {
  await using redis = await sharedRedis([user('drover', REDIS_RIGHTS)], 'IP:127.0.0.1');
  const error = await troubleOf(redis.url('drover', PASSWORD));
  expect(error).toBeInstanceOf(RedisError);
  expect(String(error)).toMatch(/self-signed certificate.*name the file with the authority's certificate in NODE_EXTRA_CA_CERTS$/);
});

test('so is a certificate for another name, and one end that speaks TLS while the other does not', async () => {
  await using other = await sharedRedis([], 'DNS:other.example');
  await using anna = operator(undefined);
  const env = { REDIS_URL: `rediss://127.0.0.1:${other.port}`, NODE_EXTRA_CA_CERTS: other.caFile };
  const ended = await anna.drover(['runs'], env);
  expect(ended.exitCode).toBe(5);
  expect(ended.stderr).toMatch(
    /IP: 127\.0\.0\.1 is not in the cert's list.*write it in REDIS_URL with a name for which its certificate was made/,
  );
  expect(String(await troubleOf(`redis://127.0.0.1:${other.port}`))).toMatch(/rediss:\/\/ where it speaks TLS/);
  await using plain = await sharedRedis([]);
  expect(String(await troubleOf(`rediss://127.0.0.1:${plain.port}`))).toMatch(/redis:\/\/ where it does not speak TLS/);
}, 40_000);
