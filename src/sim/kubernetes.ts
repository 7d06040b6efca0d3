import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ApiAnswer, failure } from './cluster/answer.ts';
import { answer } from './cluster/rest.ts';
import type { Cluster } from './cluster/cluster.ts';

/** Answers a request that is not for the Kubernetes API; undefined passes it on. */
export type Extra = (
  method: string,
  path: string,
  body: unknown,
) => Promise<{ readonly status: number; readonly body: unknown } | undefined>;

/** A running API server. */
export type ApiServer = { readonly url: string; readonly port: number; close(): Promise<void> };

const readBody = async (request: IncomingMessage): Promise<unknown> => {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) text += String(chunk);
  if (text === '') return null;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
};

const send = (response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void => {
  const plain = typeof body === 'string';
  response.writeHead(status, { 'content-type': plain ? 'text/plain; charset=utf-8' : 'application/json', ...headers });
  response.end(plain ? body : JSON.stringify(body));
};

/**
 * Serves a cluster over HTTP, and what else has to be reached by programs (helm, vCenter) below /sim/.
 *
 * @param listen the address; it also keeps this port of the loopback for the simulation, so that no other takes it
 */
export const startApiServer = async (options: {
  readonly cluster: Cluster;
  readonly listen: string;
  readonly token: string;
  readonly extra: Extra;
  now(): number;
  turn(): void;
}): Promise<ApiServer> => {
  const { cluster, token, extra } = options;
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://sim');
    const method = request.method ?? 'GET';
    const body = await readBody(request);
    if (url.pathname.startsWith('/sim/')) {
      const other = await extra(method, url.pathname, body);
      send(response, other?.status ?? 404, other?.body ?? 'the simulator does not know this');
      return;
    }
    if (cluster.down) {
      request.socket.destroy();
      return;
    }
    options.turn();
    const contentType = request.headers['content-type'] ?? '';
    const result: ApiAnswer =
      request.headers.authorization === `Bearer ${token}`
        ? answer(cluster, { method, path: url.pathname, query: url.searchParams, contentType, body }, options.now())
        : failure(401, 'Unauthorized', 'Unauthorized');
    options.turn();
    send(response, result.status, result.body['ok'] === true ? 'ok' : result.body, result.headers);
  };
  const server: Server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (!response.headersSent)
        send(response, 500, `a bug in the simulator: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, options.listen, resolve);
  });
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the API server has no port');
  return {
    url: `http://${options.listen}:${address.port}`,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
