import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { webhook } from '../../src/channels/webhook.ts';
import { wallClock } from '../../src/channels/wall-clock.ts';

type Got = {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly type: string | undefined;
  readonly body: string;
};

/** A server on loopback; `answer` gets the number of the request, from 1. */
const serving = async (answer: (response: ServerResponse, number: number) => void) => {
  const got: Got[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.on('data', (data: Buffer) => (body += data.toString()));
    request.on('end', () => {
      got.push({ method: request.method, path: request.url, type: request.headers['content-type'], body });
      answer(response, got.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return {
    got,
    url: `http://127.0.0.1:${address.port}/services/T0/s3cret`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** A clock whose pauses take no time, and are counted. */
const hasty = () => {
  const slept: number[] = [];
  return { slept, clock: { ...wallClock, sleep: async (ms: number) => void slept.push(ms) } };
};
const never = new AbortController().signal;

describe('a webhook', () => {
  test('gets one POST with JSON', async () => {
    await using server = await serving((response) => response.writeHead(204).end());
    expect(await webhook({ env: 'HOOK' }, { HOOK: server.url })({ kind: 'asked', to: 'ö"' }, never)).toEqual({ ok: true });
    expect(server.got).toEqual([
      { method: 'POST', path: '/services/T0/s3cret', type: 'application/json', body: '{"kind":"asked","to":"ö\\""}' },
    ]);
  });

  test('is found in a file as well, at the moment in which it is needed', async () => {
    await using server = await serving((response) => response.end('ok'));
    const dir = await mkdtemp(join(tmpdir(), 'drover-hook-'));
    try {
      const file = join(dir, 'hook');
      const post = webhook({ file }, {});
      expect(await post({}, never)).toMatchObject({
        ok: false,
        why: expect.stringContaining(`the file ${file}, which holds a secret, cannot be read`),
      });
      await writeFile(file, `${server.url}\n`);
      expect(await post({}, never)).toEqual({ ok: true });
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  test.each([
    ['a server in trouble', 500, 2, 'the webhook answered HTTP 500'],
    ['a server that has had enough', 429, 2, 'the webhook answered HTTP 429'],
    ['one that knows no such address', 404, 1, 'the webhook answered HTTP 404'],
  ])('is tried again where that may help, once: %s', async (_what, status, attempts, why) => {
    await using server = await serving((response) => response.writeHead(status).end('no'));
    const { clock, slept } = hasty();
    expect(await webhook({ env: 'HOOK' }, { HOOK: server.url }, clock)({}, never)).toEqual({ ok: false, why });
    expect(server.got).toHaveLength(attempts);
    expect(slept).toHaveLength(attempts - 1);
  });

  test('has got through when the second attempt does', async () => {
    await using server = await serving((response, number) => response.writeHead(number === 1 ? 503 : 200).end());
    expect(await webhook({ env: 'HOOK' }, { HOOK: server.url }, hasty().clock)({}, never)).toEqual({ ok: true });
  });

  test('leads nowhere else: a redirect is not followed', async () => {
    await using elsewhere = await serving((response) => response.end());
    await using server = await serving((response) => response.writeHead(307, { location: elsewhere.url }).end());
    const sent = await webhook({ env: 'HOOK' }, { HOOK: server.url })({}, never);
    expect(sent).toMatchObject({ ok: false, why: expect.stringContaining('redirects (HTTP 307)') });
    expect([server.got.length, elsewhere.got.length]).toEqual([1, 0]);
  });

  test('that hangs is given up, twice, and never holds anybody longer than its bound', async () => {
    await using server = await serving(() => undefined);
    const since = performance.now();
    const sent = await webhook({ env: 'HOOK' }, { HOOK: server.url }, hasty().clock)({}, never);
    expect(sent).toEqual({ ok: false, why: 'the webhook did not answer within 5 s' });
    expect(server.got).toHaveLength(2);
    expect(performance.now() - since).toBeLessThan(12_000);
  }, 20_000);

  test('that hangs is let go of at once when drover stops', async () => {
    await using server = await serving(() => undefined);
    const stop = new AbortController();
    const sending = webhook({ env: 'HOOK' }, { HOOK: server.url })({}, stop.signal);
    setTimeout(() => stop.abort(), 100);
    expect(await sending).toEqual({ ok: false, why: 'drover was stopping' });
    expect(server.got).toHaveLength(1);
  });

  test('that is not there is named by its error alone', async () => {
    const gone = await serving(() => undefined);
    await gone[Symbol.asyncDispose]();
    expect(await webhook({ env: 'HOOK' }, { HOOK: gone.url }, hasty().clock)({}, never)).toEqual({
      ok: false,
      why: 'the webhook cannot be reached (ECONNREFUSED)',
    });
  });

  test.each([
    ['nothing', '', /holds no address of a webhook/],
    ['no address', 'hooks.example.org/T0/s3cret', /holds no address of a webhook/],
    ['one of another kind', 'ftp://hooks.example.org/T0/s3cret', /holds no address of a webhook/],
    ['a user name', 'https://anna:s3cret@hooks.example.org/', /holds no address of a webhook/],
    ['a name that nobody has', 'http://hooks.invalid/T0/s3cret', /cannot be reached/],
    ['a port that is none to talk to', 'http://127.0.0.1:1/s3cret', /cannot be reached/],
  ])('whose reference leads to %s is refused without showing it', async (_what, url, why) => {
    const sent = await webhook({ env: 'HOOK' }, { HOOK: url }, hasty().clock)({}, never);
    expect(sent).toMatchObject({ ok: false, why: expect.stringMatching(why) });
    expect(JSON.stringify(sent)).not.toMatch(/s3cret|hooks\./);
  });

  test('whose reference leads nowhere says so', async () => {
    expect(await webhook({ env: 'HOOK' }, {})({}, never)).toMatchObject({
      ok: false,
      why: expect.stringContaining('HOOK, which holds a secret, is not set'),
    });
  });
});
