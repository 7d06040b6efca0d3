import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tempDir, until } from './private-redis.ts';

const run = promisify(execFile);

/** A port of the loopback that is free at this moment. */
export const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
};

/** Makes a certificate authority of one's own, and a certificate for a server on the loopback. */
const makeCertificates = async (dir: string, names: string): Promise<void> => {
  const openssl = async (...args: string[]): Promise<void> => void (await run('openssl', args, { cwd: dir }));
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=a private authority');
  await openssl('req', ...key, '-keyout', 'redis.key', '-out', 'redis.csr', '-subj', '/CN=redis');
  writeFileSync(join(dir, 'redis.ext'), `subjectAltName=${names}\n`);
  const signing = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'redis.ext'];
  await openssl('x509', '-req', '-in', 'redis.csr', ...signing, '-out', 'redis.crt');
};

/** A Redis that several machines share, as its owner sets it up; ended when it goes out of scope. */
export type SharedRedis = AsyncDisposable & {
  readonly port: number;
  /** The certificate of the authority, where it speaks TLS. */
  readonly caFile: string;
  url(user: string, password: string): string;
  start(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Says something to the server, as its owner. */
  cli(...words: readonly string[]): Promise<string>;
};

/**
 * Starts a Redis with a log that is synced at every write, and the users of an ACL file; the owner of it is the default user.
 *
 * @param tls the names that the certificate is for; without it there is no TLS
 */
export const sharedRedis = async (users: readonly string[], tls?: string): Promise<SharedRedis> => {
  const dir = tempDir();
  const port = await freePort();
  const socket = join(dir, 'owner.sock');
  if (tls !== undefined) await makeCertificates(dir, tls);
  mkdirSync(join(dir, 'data'));
  writeFileSync(join(dir, 'users.acl'), ['user default on nopass ~* &* +@all', ...users].map((line) => `${line}\n`).join(''));
  const settings = {
    ...(tls === undefined
      ? { port: String(port) }
      : {
          port: '0',
          'tls-port': String(port),
          'tls-cert-file': join(dir, 'redis.crt'),
          'tls-key-file': join(dir, 'redis.key'),
          'tls-ca-cert-file': join(dir, 'ca.crt'),
          'tls-auth-clients': 'no',
        }),
    bind: '127.0.0.1',
    unixsocket: socket,
    dir: join(dir, 'data'),
    aclfile: join(dir, 'users.acl'),
    appendonly: 'yes',
    appendfsync: 'always',
    save: '',
    'maxmemory-policy': 'noeviction',
  };
  let server: ChildProcess | undefined;
  const cli: SharedRedis['cli'] = async (...words) => (await run('redis-cli', ['-s', socket, ...words])).stdout.trim();
  const start = async (): Promise<void> => {
    server = spawn(
      'redis-server',
      Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
      { stdio: 'ignore' },
    );
    await until(() =>
      cli('PING').then(
        (answer) => answer === 'PONG',
        () => false,
      ),
    );
  };
  const stop = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    const ending = server;
    server = undefined;
    if (!ending || ending.exitCode !== null) return;
    const closed = once(ending, 'close');
    ending.kill(signal);
    await closed;
  };
  await start();
  return {
    port,
    caFile: join(dir, 'ca.crt'),
    url: (user, password) => `${tls === undefined ? 'redis' : 'rediss'}://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}`,
    start,
    stop,
    cli,
    [Symbol.asyncDispose]: async () => {
      await stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
};
