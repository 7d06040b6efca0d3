import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { JournalConflictError, RedisError } from '../../src/core/error.ts';
import { fold } from '../../src/core/reduce.ts';
import { redisJournal } from '../../src/journal/redis.ts';
import { connectRedis } from '../../src/queue/connection.ts';
import { ensureRedis } from '../../src/queue/redis-server.ts';
import { type PrivateRedis, startRedis, until } from '../queue/private-redis.ts';
import { type Open, journalContract } from './contract.ts';
import { behind, fill, note, runId, take } from './events.ts';
import { feedContract } from './feed-contract.ts';

const open: Open = async () => {
  const own = await startRedis();
  return { journal: redisJournal(own.redis), [Symbol.asyncDispose]: () => own[Symbol.asyncDispose]() };
};
journalContract('the journal in Redis', open);
feedContract('the journal in Redis', open);

let server: PrivateRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Stands between client and server, and once cuts the line instead of handing the reply over. */
const cuttingProxy = async (
  stateDir: string,
  socket: string,
): Promise<{ readonly socket: string; cutNextReply(): void; cuts(): number } & AsyncDisposable> => {
  const path = join(stateDir, 'proxy.sock');
  const open = new Set<Socket>();
  let [armed, cuts] = [false, 0];
  const proxy = createServer((client) => {
    const upstream = connect(socket);
    for (const end of [client, upstream]) {
      open.add(end);
      end.on('error', () => undefined);
      end.on('close', () => {
        open.delete(end);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (chunk) => {
      if (armed) {
        [armed, cuts] = [false, cuts + 1];
        client.destroy();
      } else client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(path, resolve));
  return {
    socket: path,
    cutNextReply: () => {
      armed = true;
    },
    cuts: () => cuts,
    [Symbol.asyncDispose]: async () => {
      for (const end of open) end.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
};

test('writes an event and a control record once when the reply is lost on the way', async () => {
  await using proxy = await cuttingProxy(server.stateDir, server.socket);
  const redis = connectRedis({ socket: proxy.socket, name: 'cut' });
  const journal = redisJournal(redis);
  const run = runId();
  await fill(journal, run, 1);
  await journal.control(run, { type: 'pause', by: 'ann' });
  proxy.cutNextReply();
  const event = await journal.append(run, 'node-1', behind(1), note('cut'));
  proxy.cutNextReply();
  const said = await journal.control(run, { type: 'resume', by: 'ann' });
  expect(proxy.cuts()).toBe(2);
  expect(event).toMatchObject({ seq: 2, step: 'cut' });
  expect(await journal.read(run, 'node-1')).toHaveLength(2);
  expect((await journal.controls(run)).map(({ id }) => id)).toEqual([expect.any(String), said.id]);
  redis.disconnect();
});

test('is told of a conflict by the server itself, when another process wrote', async () => {
  const [mine, theirs] = [redisJournal(server.redis), redisJournal(server.connect('other'))];
  const run = runId();
  await fill(theirs, run, 1);
  await expect(mine.append(run, 'node-1', behind(0), note('late'))).rejects.toThrow(JournalConflictError);
});

test('goes on following where it was when Redis is killed and comes back, and loses nothing that was acknowledged', async () => {
  const journal = redisJournal(server.redis);
  const run = runId();
  await fill(journal, run, 5);
  const taken = take(journal, run, '', 10);
  await until(async () => String(await server.redis.client('LIST')).includes('cmd=xread'));
  await server.kill();
  const writing = fill(journal, run, 5, 5);
  await ensureRedis({ stateDir: server.stateDir });
  await writing;
  expect((await taken).map(({ event }) => event.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('ends to follow at once while Redis is away', async () => {
  const stop = new AbortController();
  const follower = redisJournal(server.redis).followRun(runId(), '', stop.signal)[Symbol.asyncIterator]();
  const waiting = follower.next();
  await until(async () => String(await server.redis.client('LIST')).includes('cmd=xread'));
  await server.kill();
  const since = performance.now();
  stop.abort();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(performance.now() - since).toBeLessThan(1000);
  await ensureRedis({ stateDir: server.stateDir });
});

test('asks again when nothing came within the time that one wait takes', async () => {
  const journal = redisJournal(server.redis, { blockMs: 20 });
  const run = runId();
  const taken = take(journal, run, '', 1);
  await until(async () => String(await server.redis.client('LIST')).includes('cmd=xread'));
  await wait(60);
  await fill(journal, run, 1);
  expect(await taken).toHaveLength(1);
});

test('closes the connection of a follower that was left', async () => {
  const journal = redisJournal(server.redis);
  const run = runId();
  await fill(journal, run, 2);
  const clients = async (): Promise<number> =>
    String(await server.redis.client('LIST'))
      .trim()
      .split('\n').length;
  const before = await clients();
  for await (const { event } of journal.followRun(run, '', new AbortController().signal)) if (event.seq === 1) break;
  await until(async () => (await clients()) === before);
});

const put = (run: string, id: string, event: string): Promise<unknown> =>
  server.redis.xadd(`drover:{${run}/node-1}:events`, id, 'e', event, 't', '1', 'n', 'x', 'f', '1');

test('hands on an event of a newer version as it is, and goes on behind it', async () => {
  const journal = redisJournal(server.redis);
  const run = runId();
  await put(run, '1-0', '{"type":"node.drained","bootId":"b"}');
  await put(run, '2-0', '{"type":"node.addressed","address":"10.0.0.1","family":4}');
  await fill(journal, run, 1, 2);
  const events = await journal.read(run, 'node-1');
  expect(events.slice(0, 2)).toEqual([
    { type: 'node.drained', bootId: 'b', seq: 1, at: 1 },
    { type: 'node.addressed', address: '10.0.0.1', family: 4, seq: 2, at: 1 },
  ]);
  expect(fold(events)).toMatchObject({ seq: 3, address: '10.0.0.1' });
});

test('leaves out a control record of a newer version', async () => {
  const journal = redisJournal(server.redis);
  const run = runId();
  await server.redis.xadd(`drover:{${run}}:controls`, '*', 'n', 'x', 'c', '{"type":"hurry","by":"ann"}');
  const said = await journal.control(run, { type: 'cancel', by: 'ann' });
  expect(await journal.controls(run)).toEqual([said]);
});

test.each([
  ['1-0', '{"type":"step.asked"', 'event 1 is no JSON: the record was damaged'],
  [
    '1-0',
    '{"type":"step.started","step":"a","attempt":1}',
    'event 1 cannot be read (step.started, before: is missing): a newer drover wrote it, or it was damaged',
  ],
  ['1-0', '[]', 'event 1 cannot be read (it has no type of an event)'],
  ['2-0', '{"type":"node.addressed","address":"a"}', 'event 1 is missing, the next is 2-0: somebody has cut the journal'],
])('says what is wrong with a journal that was damaged: %s %s', async (id, event, message) => {
  const journal = redisJournal(server.redis);
  const run = runId();
  await put(run, id, event);
  const reading = journal.read(run, 'node-1');
  await expect(reading).rejects.toThrow(RedisError);
  await expect(reading).rejects.toThrow(`run ${run}, node-1: ${message}`);
});

test('reads a stream of several pages whole', async () => {
  const journal = redisJournal(server.redis);
  const run = runId();
  const text = JSON.stringify(note('x'));
  await Promise.all(Array.from({ length: 1200 }, (_, index) => put(run, `${index + 1}-0`, text)));
  await fill(journal, run, 1, 1200);
  expect((await journal.read(run, 'node-1')).at(-1)?.seq).toBe(1201);
});

test('follows a run of many streams on one connection, with one command a stream and page', async () => {
  const journal = redisJournal(server.redis);
  const run = runId();
  const streams = Array.from({ length: 100 }, (_, index) => `node-${index}`);
  for (let seq = 0; seq < 6; seq += 1) await Promise.all(streams.map((stream) => journal.append(run, stream, behind(seq), note('x'))));
  const asked = async (command: string): Promise<number> =>
    Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(await server.redis.info('commandstats'))?.[1] ?? 0);
  const [ranges, reads] = [await asked('xrange'), await asked('xread')];
  const told = await take(journal, run, '', 600);
  expect(new Set(told.map(({ stream }) => stream)).size).toBe(100);
  expect((await asked('xread')) - reads).toBe(2);
  expect((await asked('xrange')) - ranges).toBe(200);
});

test('says which event is missing when somebody has cut a stream that is followed', async () => {
  const journal = redisJournal(server.redis);
  const run = runId();
  await fill(journal, run, 3);
  await server.redis.xdel(`drover:{${run}/node-1}:events`, '3-0');
  await expect(take(journal, run, '', 3)).rejects.toThrow(`run ${run}, node-1: event 3 is missing`);
});

test('says so when somebody else wrote to the feed', async () => {
  const run = runId();
  await server.redis.xadd(`drover:{${run}}:feed`, '*', 'node-1', 'first');
  await expect(take(redisJournal(server.redis), run, '', 1)).rejects.toThrow(/entry \d+-0 of its feed is no record of drover/);
});
