import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse, createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';

/** One request as a server of this test saw it. */
export type Seen = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly port: number;
};
type Handler = (seen: Seen, response: ServerResponse) => void;

let folder: string;
const open: Server[] = [];

/** Makes a folder with certificates for a test file, and closes the servers after each test. */
export const withApiServers = (): void => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'drover-kube-'));
    for (const name of ['server', 'client']) {
      const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`];
      const certificate = ['-days', '2', '-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-out', `${name}.crt`];
      execFileSync('openssl', ['req', '-x509', ...key, ...certificate], { cwd: folder, stdio: 'ignore' });
    }
  });
  afterEach(async () => {
    for (const server of open.splice(0)) {
      if ('closeAllConnections' in server && typeof server.closeAllConnections === 'function') server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
};

/** The path of a file in the folder: `server.crt`, `client.key` … */
export const inFolder = (name: string): string => join(folder, name);

/** Starts an API server that answers as `handler` says; with `tls` it asks for the client's certificate. */
export const serve = async (handler: Handler, tls = false): Promise<{ readonly url: string; readonly seen: Seen[] }> => {
  const seen: Seen[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
        port: request.socket.remotePort ?? 0,
      };
      seen.push(one);
      handler(one, response);
    });
  };
  const read = (name: string): Buffer => readFileSync(inFolder(name));
  const server = tls
    ? createHttps(
        { key: read('server.key'), cert: read('server.crt'), ca: read('client.crt'), requestCert: true, rejectUnauthorized: true },
        answer,
      )
    : createHttp(answer);
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http${tls ? 's' : ''}://127.0.0.1:${port}`, seen };
};

/** Writes a kubeconfig with the contexts one and two, and returns its path. */
export const kubeconfig = (server: string, cluster: object, user: object): string => {
  const file = inFolder('config');
  writeFileSync(
    file,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'one',
      clusters: [{ name: 'c', cluster: { server, ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [
        { name: 'one', context: { cluster: 'c', user: 'u' } },
        { name: 'two', context: { cluster: 'c', user: 'u' } },
      ],
    }),
  );
  return file;
};
