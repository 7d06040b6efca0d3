import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { ApiRequest } from '../../src/core/action.ts';
import { clusterChannel } from '../../src/channels/kubernetes.ts';
import { inFolder, kubeconfig, serve, withApiServers } from './api-server.ts';

withApiServers();

const plain = { 'insecure-skip-tls-verify': true };
const within = (timeoutMs = 5000, signal = new AbortController().signal) => ({ timeoutMs, signal });
const get = (path: string): ApiRequest => ({ via: 'kubernetes', method: 'GET', path });
const json = (response: ServerResponse, status: number, body: unknown, headers = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
};
const channelTo = (url: string, user: object = { token: 'abc' }) =>
  clusterChannel({ context: null, kubeconfig: kubeconfig(url, plain, user) });
const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('the Kubernetes channel', () => {
  test('sends the token and merge patches, keeps its connection, and returns 200, 404 and 409', async () => {
    const { url, seen } = await serve(({ method }, response) =>
      json(response, method === 'GET' ? 200 : method === 'PATCH' ? 409 : 404, { kind: method }),
    );
    const channel = await channelTo(url);
    expect(await channel.call(get('/api/v1/nodes/a?x=1'), within())).toEqual({ status: 200, body: { kind: 'GET' } });
    expect(
      await channel.call({ via: 'kubernetes', method: 'PATCH', path: '/p', body: { spec: { unschedulable: true } } }, within()),
    ).toMatchObject({ status: 409 });
    expect(await channel.call({ via: 'kubernetes', method: 'POST', path: '/e', body: {} }, within())).toMatchObject({ status: 404 });
    expect(await channel.call({ via: 'kubernetes', method: 'DELETE', path: '/d' }, within())).toMatchObject({ status: 404 });
    expect(await channel.call({ via: 'kubernetes', method: 'DELETE', path: '/p', body: { é: 0 } }, within())).toMatchObject({
      status: 404,
    });
    expect(
      seen.map(({ method, url: path, headers, body }) => [method, path, headers.authorization, headers['content-type'], body]),
    ).toEqual([
      ['GET', '/api/v1/nodes/a?x=1', 'Bearer abc', undefined, ''],
      ['PATCH', '/p', 'Bearer abc', 'application/merge-patch+json', '{"spec":{"unschedulable":true}}'],
      ['POST', '/e', 'Bearer abc', 'application/json', '{}'],
      ['DELETE', '/d', 'Bearer abc', undefined, ''],
      ['DELETE', '/p', 'Bearer abc', 'application/json', '{"é":0}'],
    ]);
    expect(new Set(seen.map(({ port }) => port)).size).toBe(1);
  });

  test('keeps the path of a server behind a proxy, and bodies that are empty or no JSON', async () => {
    const { url, seen } = await serve(({ url: path }, response) => response.end(path.endsWith('ok') ? 'ok' : ''));
    const channel = await channelTo(`${url}/k8s/clusters/c-1/`);
    expect(await channel.call(get('/readyz/ok'), within())).toEqual({ status: 200, body: 'ok' });
    expect(await channel.call(get('/empty'), within())).toEqual({ status: 200, body: null });
    expect(seen[0]?.url).toBe('/k8s/clusters/c-1/readyz/ok');
  });

  test('logs in with a client certificate over TLS that its CA vouches for', async () => {
    const { url, seen } = await serve((_, response) => json(response, 200, {}), true);
    const base64 = (name: string): string => readFileSync(inFolder(name)).toString('base64');
    const user = { 'client-certificate-data': base64('client.crt'), 'client-key-data': base64('client.key') };
    const channel = await clusterChannel({
      context: 'two',
      kubeconfig: kubeconfig(url, { 'certificate-authority-data': base64('server.crt') }, user),
    });
    await channel.call(get('/a'), within());
    await channel.call(get('/b'), within());
    expect(new Set(seen.map(({ port }) => port)).size).toBe(1);
    const untrusting = await clusterChannel({ context: null, kubeconfig: kubeconfig(url, {}, user) });
    expect(await caught(untrusting.call(get('/c'), within()))).toMatchObject({
      name: 'ClusterError',
      transient: false,
      detail: { reason: 'certificate' },
    });
    expect(seen).toHaveLength(2);
  });

  test('asks an exec plugin for the token, and says when there are no credentials', async () => {
    const { url, seen } = await serve((_, response) => json(response, 200, {}));
    const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token: 'from-plugin' } };
    const exec = (command: string, args: string[]): object => ({
      exec: { apiVersion: credential.apiVersion, command, args, interactiveMode: 'Never' },
    });
    await (await channelTo(url, exec('echo', [JSON.stringify(credential)]))).call(get('/a'), within());
    expect(seen[0]?.headers.authorization).toBe('Bearer from-plugin');
    const broken = await channelTo(url, exec('drover-no-such-plugin', []));
    expect(await caught(broken.call(get('/a'), within()))).toMatchObject({ name: 'ClusterError', detail: { reason: 'credentials' } });
    expect(seen).toHaveLength(1);
  });

  test.each([
    [401, false, 'log in again'],
    [403, false, 'give this user the right'],
    [422, false, 'said why'],
    [429, true, 'needs 2 healthy pods'],
    [500, true, 'said why'],
    [503, true, 'said why'],
  ])('throws for %s, worth another try: %s', async (status, transient, words) => {
    const body = {
      kind: 'Status',
      message: 'said why',
      reason: 'Reason',
      details: { causes: [{ message: 'The disruption budget web needs 2 healthy pods' }] },
    };
    const { url } = await serve((_, response) => json(response, status, body, { 'retry-after': '7' }));
    const channel = await channelTo(url);
    const error = await caught(channel.call(get('/x'), within()));
    expect(error).toMatchObject({
      name: 'ClusterError',
      transient,
      detail: { status, reason: 'Reason', retryAfterSeconds: 7 },
      message: expect.stringContaining(words),
    });
    expect(error).toMatchObject({
      message: expect.stringContaining(`GET /x to the cluster one (${url}) was refused with ${status}: said why`),
    });
  });

  test('calls silence, a closed port and a cut connection transient, and a cancelled call cancelled', async () => {
    const { url } = await serve(({ url: path }, response) => {
      if (path === '/cut') response.destroy();
    });
    const channel = await channelTo(url);
    expect(await caught(channel.call(get('/silent'), within(200)))).toMatchObject({
      name: 'ClusterError',
      transient: true,
      message: expect.stringContaining('no answer within 0.2 s'),
    });
    expect(await caught(channel.call(get('/cut'), within()))).toMatchObject({ name: 'ClusterError', transient: true });
    const closed = await channelTo('http://127.0.0.1:1');
    expect(await caught(closed.call(get('/x'), within()))).toMatchObject({
      name: 'ClusterError',
      transient: true,
      message: expect.stringContaining('ECONNREFUSED'),
    });
    const stop = new AbortController();
    const call = caught(channel.call(get('/silent'), within(5000, stop.signal)));
    stop.abort();
    expect(await call).toMatchObject({ name: 'CancelledError' });
  });

  test('sends a read once more when the server had closed the kept connection', async () => {
    let cut = false;
    const { url, seen } = await serve(({ method }, response) => {
      if (cut) {
        cut = false;
        response.destroy();
      } else json(response, 200, { method });
    });
    const channel = await channelTo(url);
    await channel.call(get('/a'), within());
    cut = true;
    expect(await channel.call(get('/b'), within())).toMatchObject({ status: 200 });
    cut = true;
    expect(await caught(channel.call({ via: 'kubernetes', method: 'PATCH', path: '/c', body: {} }, within()))).toMatchObject({
      transient: true,
    });
    expect(seen.filter(({ url: path }) => path === '/c')).toHaveLength(1);
  });

  test('says where it looked when there is no kubeconfig, and which contexts there are', async () => {
    await expect(clusterChannel({ context: null, kubeconfig: inFolder('none') })).rejects.toThrow(/the kubeconfig cannot be read: .*none/);
    await expect(clusterChannel({ context: 'three', kubeconfig: kubeconfig('http://x', plain, {}) })).rejects.toThrow(
      'the kubeconfig has no context three; it has one, two',
    );
    const { HOME, KUBECONFIG } = process.env;
    try {
      process.env['HOME'] = inFolder('');
      delete process.env['KUBECONFIG'];
      await expect(clusterChannel({ context: null })).rejects.toMatchObject({
        name: 'UsageError',
        message: expect.stringContaining('~/.kube/config does not exist'),
      });
      process.env['KUBECONFIG'] = kubeconfig('http://x', plain, {});
      await clusterChannel({ context: 'two' });
    } finally {
      if (HOME !== undefined) process.env['HOME'] = HOME;
      if (KUBECONFIG === undefined) delete process.env['KUBECONFIG'];
      else process.env['KUBECONFIG'] = KUBECONFIG;
    }
  });
});
